import { useState } from 'react';
import type { TenantView } from '../../../../src-shared/contract/tenants.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { Dialog } from '../../../ui/layout/Dialog.tsx';
import { SelectField, TextField } from '../../../ui/form/Fields.tsx';
import { Form, FormGrid } from '../../../ui/form/Form.tsx';
import { MachineText } from '../../../ui/text/Machine.tsx';
import { useNow } from '../../../ui/feedback/now.ts';
import { KeyedChange, useKeyedClose } from './KeyedChange.tsx';
import { emptyKeyForm, KeySourceFields, readKeyForm } from './KeySourceFields.tsx';
import { deadlineWords } from './PlanParts.tsx';
import { FormEnd } from './QuotaForm.tsx';
import { type Change, useChange } from './useChange.ts';
import formStyles from '../../../ui/form/form.module.css';
import { PlainList } from '../../../ui/layout/Lists.tsx';
import textStyles from '../../../ui/text/text.module.css';

const overlaps = [
  { value: 'none', label: '0 hours (the old key expires immediately)' },
  { value: '1', label: '1 hour' },
  { value: '24', label: '24 hours' },
  { value: '168', label: '7 days' },
  { value: 'custom', label: 'Other number of hours' },
];
const maxOverlapHours = 24 * 90;

/** Hours, null for none, or what is wrong. */
export function readOverlap(choice: string, custom: string): { hours: number | null } | { error: string } {
  if (choice === 'none') return { hours: null };
  const text = choice === 'custom' ? custom.trim() : choice;
  const hours = /^\d{1,4}$/u.test(text) ? Number(text) : 0;
  if (hours < 1 || hours > maxOverlapHours)
    return { error: `A whole number of hours from 1 to ${maxOverlapHours} (90 days).` };
  return { hours };
}

/** A new key for a tenant, with a time in which both are good. */
export function RotateDialog({ view, onClose }: { view: TenantView | null; onClose: () => void }) {
  const change = useChange();
  const keyed = useKeyedClose(change, onClose);
  const title = view === null ? '' : `Rotate the key of ${view.tenant.clientId}`;
  return (
    <Dialog opened={view !== null} onClose={keyed.close} title={title} size={640}>
      {view === null ? null : <Rotate view={view} change={change} keyed={keyed} />}
    </Dialog>
  );
}

function Rotate(props: { view: TenantView; change: Change; keyed: ReturnType<typeof useKeyedClose> }) {
  const { view, change, keyed } = props;
  const { tenant } = view;
  const now = useNow();
  const [key, setKey] = useState(emptyKeyForm);
  const [choice, setChoice] = useState('24');
  const [custom, setCustom] = useState('');
  const [isAsked, setIsAsked] = useState(false);
  const readKey = readKeyForm(key);
  const overlap = readOverlap(choice, custom);
  const submit = (): void => {
    setIsAsked(true);
    if ('error' in readKey || 'error' in overlap) return;
    change.plan(view.applianceId, {
      kind: 'rotate',
      clientId: tenant.clientId,
      key: readKey.key,
      overlapHours: overlap.hours,
    });
  };
  return (
    <KeyedChange
      change={change}
      clientId={tenant.clientId}
      keyed={keyed}
      form={
        <Form className={formStyles.form} onSubmit={submit}>
          <div>
            <p className={textStyles.sub}>Registered now:</p>
            {tenant.keys.length === 0 ? <p>no key</p> : null}
            <PlainList>
              {tenant.keys.map((one) => (
                <li key={one.fingerprint}>
                  <MachineText text={`${one.type} ${one.fingerprint}`} />
                </li>
              ))}
            </PlainList>
          </div>
          <KeySourceFields
            form={key}
            onChange={setKey}
            error={isAsked && 'error' in readKey ? readKey.error : undefined}
            hasInitialFocus
          />
          <FormGrid>
            <SelectField
              label="Old key stays valid for"
              value={choice}
              onChange={setChoice}
              options={overlaps}
            />
            {choice === 'custom' ? (
              <TextField
                label="Hours"
                value={custom}
                onChange={setCustom}
                error={isAsked && 'error' in overlap ? overlap.error : undefined}
                machine
                hasInitialFocus
              />
            ) : null}
          </FormGrid>
          <p className={textStyles.sub} data-testid="deadline">
            {'error' in overlap
              ? null
              : overlap.hours === null
                ? 'Sessions with the old key end when the new key is registered.'
                : `The old key expires on ${deadlineWords(overlap.hours, now)}. Both keys are valid until then.`}
          </p>
          <FormEnd onClose={keyed.close}>
            <Button kind="primary" submit>
              Show plan
            </Button>
          </FormEnd>
        </Form>
      }
    />
  );
}
