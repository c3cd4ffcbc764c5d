import { useState } from 'react';
import type { TenantView } from '../../../../src-shared/contract/tenants.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { SelectField, TextField } from '../../../ui/form/Fields.tsx';
import { Form, FormGrid } from '../../../ui/form/Form.tsx';
import { MachineText } from '../../../ui/text/Machine.tsx';
import { useNow } from '../../../ui/feedback/now.ts';
import type { CloseWithPrivateKey } from './useCloseWithPrivateKey.ts';
import { KeyedChange } from './KeyedChange.tsx';
import { emptyKeyForm, KeySourceFields, readKeyForm } from './KeySourceFields.tsx';
import { deadlineWords } from './PlanParts.tsx';
import { FormEnd } from './QuotaForm.tsx';
import type { Change } from './useChange.ts';
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

/** The chosen hours, null for no overlap, or the message that says what is wrong with the choice. */
export function readOverlap(choice: string, custom: string): { hours: number | null } | { error: string } {
  if (choice === 'none') return { hours: null };
  const text = choice === 'custom' ? custom.trim() : choice;
  const hours = /^\d{1,4}$/u.test(text) ? Number(text) : 0;
  if (hours < 1 || hours > maxOverlapHours)
    return { error: `A whole number of hours from 1 to ${maxOverlapHours} (90 days).` };
  return { hours };
}

/** The form with which a tenant gets a new key, then the plan, then the result. */
export function RotateRequest(props: { view: TenantView; change: Change; keyed: CloseWithPrivateKey }) {
  const { view, change, keyed } = props;
  const { tenant } = view;
  const [key, setKey] = useState(emptyKeyForm);
  const [choice, setChoice] = useState('24');
  const [custom, setCustom] = useState('');
  const [isSubmitted, setIsSubmitted] = useState(false);
  const readKey = readKeyForm(key);
  const overlap = readOverlap(choice, custom);
  const submit = (): void => {
    setIsSubmitted(true);
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
          <RegisteredKeys view={view} />
          <KeySourceFields
            form={key}
            onChange={setKey}
            error={isSubmitted && 'error' in readKey ? readKey.error : undefined}
            hasInitialFocus
          />
          <OverlapFields
            choice={choice}
            onChoice={setChoice}
            custom={custom}
            onCustom={setCustom}
            showsError={isSubmitted}
          />
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

function RegisteredKeys({ view }: { view: TenantView }) {
  const { keys } = view.tenant;
  return (
    <div>
      <p className={textStyles.sub}>Registered now:</p>
      {keys.length === 0 ? <p>no key</p> : null}
      <PlainList>
        {keys.map(({ type, fingerprint }) => (
          <li key={fingerprint}>
            <MachineText text={`${type} ${fingerprint}`} />
          </li>
        ))}
      </PlainList>
    </div>
  );
}

/** How long the old key stays valid, and when it expires. */
function OverlapFields({
  choice,
  onChoice,
  custom,
  onCustom,
  showsError,
}: {
  choice: string;
  onChoice: (choice: string) => void;
  custom: string;
  onCustom: (hours: string) => void;
  showsError: boolean;
}) {
  const now = useNow();
  const overlap = readOverlap(choice, custom);
  return (
    <>
      <FormGrid>
        <SelectField label="Old key stays valid for" value={choice} onChange={onChoice} options={overlaps} />
        {choice === 'custom' ? (
          <TextField
            label="Hours"
            value={custom}
            onChange={onCustom}
            error={showsError && 'error' in overlap ? overlap.error : undefined}
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
            : `The old key expires at ${deadlineWords(overlap.hours, now)}. Both keys are valid until then.`}
      </p>
    </>
  );
}
