import { useState } from 'react';
import { lookAlikeSentence } from '../../../../src-shared/base/lookAlikes.ts';
import { clientIdSchema } from '../../../../src-shared/model/tenants/clientId.ts';
import { defaultQuota } from '../../../../src-shared/model/tenants/ports.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { Dialog } from '../../../ui/layout/Dialog.tsx';
import { SelectField, TextField } from '../../../ui/form/Fields.tsx';
import { Form, FormGrid } from '../../../ui/form/Form.tsx';
import { useAppliances } from '../../fleet/queries.ts';
import { KeyedChange, useCloseWithPrivateKey } from './KeyedChange.tsx';
import { emptyKeyForm, type KeyForm, KeySourceFields, readKeyForm } from './KeySourceFields.tsx';
import { FormEnd, QuotaUse, readQuota } from './QuotaForm.tsx';
import { useChange } from './useChange.ts';
import formStyles from '../../../ui/form/form.module.css';

type Form = { clientId: string; key: KeyForm; quota: string };

const clientIdWords =
  'Use 1 to 63 characters: a–z, 0–9, dot, dash or underscore. Start with a letter or digit.';

/** Adds a tenant: its name and key, then the plan, then the result. */
export function AddTenantDialog(props: {
  opened: boolean;
  /** The appliance to preselect; null on the page of all appliances. */
  applianceId: string | null;
  onClose: () => void;
}) {
  const change = useChange();
  const keyed = useCloseWithPrivateKey(change, props.onClose);
  return (
    <Dialog opened={props.opened} onClose={keyed.close} title="Add tenant" size={640}>
      {props.opened ? <AddTenant applianceId={props.applianceId} change={change} keyed={keyed} /> : null}
    </Dialog>
  );
}

/**
 * The appliance to change: `wanted` or the first that can be changed now, until the user selects another one.
 */
export function useApplianceChoice(wanted: string | null) {
  const appliances = useAppliances();
  const first =
    appliances.find(({ link, entry }) => link.state === 'connected' && !entry.locked) ??
    appliances.find(({ entry }) => !entry.locked);
  const options = appliances.map((view) => ({
    value: view.entry.id,
    label: `${view.entry.name}${view.link.state === 'connected' ? '' : ' (not connected)'}${view.entry.locked ? ' (read-only: an admin can unlock it)' : ''}`,
    disabled: view.entry.locked,
  }));
  const [chosen, choose] = useState(wanted ?? '');
  // The default stays once it is known, because an appliance that reconnects must not become the target.
  const usual = first?.entry.id ?? '';
  if (chosen === '' && usual !== '') choose(usual);
  return { options, applianceId: chosen === '' ? usual : chosen, choose };
}

type AddTenantProps = {
  applianceId: string | null;
  change: ReturnType<typeof useChange>;
  keyed: ReturnType<typeof useCloseWithPrivateKey>;
};

/** The form of a new tenant with its errors; `submit` plans the change if there are none. */
function useAddTenantForm({ applianceId: wanted, change }: AddTenantProps) {
  const appliance = useApplianceChoice(wanted);
  const { applianceId } = appliance;
  const [form, setForm] = useState<Form>({
    clientId: '',
    key: emptyKeyForm,
    quota: String(defaultQuota),
  });
  const [isSubmitted, setIsSubmitted] = useState(false);
  const alter = (part: Partial<Form>): void => setForm((current) => ({ ...current, ...part }));
  const isNamed = clientIdSchema.safeParse(form.clientId).success;
  const key = readKeyForm(form.key);
  const quota = readQuota(form.quota);
  const submit = (): void => {
    setIsSubmitted(true);
    if (!isNamed || 'error' in key || 'error' in quota || applianceId === '') return;
    change.plan(applianceId, {
      kind: 'add',
      clientId: form.clientId,
      key: key.key,
      quota: quota.quota === defaultQuota ? null : quota.quota,
    });
  };
  const errors = {
    clientId:
      !isNamed && (isSubmitted || form.clientId !== '')
        ? `${clientIdWords}${lookAlikeSentence(form.clientId)}`
        : undefined,
    quota: 'error' in quota ? quota.error : undefined,
    key: isSubmitted && 'error' in key ? key.error : undefined,
  };
  return { ...appliance, form, alter, errors, submit };
}

function AddTenant(props: AddTenantProps) {
  const { change, keyed } = props;
  const { options, applianceId, choose, form, alter, errors, submit } = useAddTenantForm(props);
  return (
    <KeyedChange
      change={change}
      clientId={form.clientId}
      keyed={keyed}
      form={
        <Form className={formStyles.form} onSubmit={submit}>
          {options.length > 1 ? (
            <SelectField label="Appliance" value={applianceId} onChange={choose} options={options} />
          ) : null}
          <FormGrid>
            <TextField
              label="Client ID"
              value={form.clientId}
              onChange={(clientId) => alter({ clientId })}
              error={errors.clientId}
              description="Tenant name on the appliance. Can’t be changed later."
              placeholder="northwind"
              machine
              hasInitialFocus
            />
            <TextField
              label="Quota (ports)"
              value={form.quota}
              onChange={(text) => alter({ quota: text })}
              error={errors.quota}
              description={`${defaultQuota} by default`}
              machine
            />
          </FormGrid>
          <QuotaUse applianceId={applianceId} held={0} text={form.quota} />
          <KeySourceFields form={form.key} onChange={(key) => alter({ key })} error={errors.key} />
          {applianceId === '' ? (
            <p className={formStyles.kitError} role="alert">
              No appliances yet.
            </p>
          ) : null}
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
