import { useState } from 'react';
import { lookAlikeSentence } from '../../../../src-shared/base/lookAlikes.ts';
import { clientIdSchema } from '../../../../src-shared/model/tenants/clientId.ts';
import { defaultQuota } from '../../../../src-shared/model/tenants/ports.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { SelectField, TextField } from '../../../ui/form/Fields.tsx';
import { Form, FormGrid } from '../../../ui/form/Form.tsx';
import { KeyedChange } from './KeyedChange.tsx';
import { emptyKeyForm, type KeyForm, KeySourceFields, readKeyForm } from './KeySourceFields.tsx';
import { FormEnd, QuotaUse, readQuota } from './QuotaForm.tsx';
import { useApplianceChoice } from './useApplianceChoice.ts';
import type { Change } from './useChange.ts';
import type { CloseWithPrivateKey } from './useCloseWithPrivateKey.ts';
import formStyles from '../../../ui/form/form.module.css';

type Form = { clientId: string; key: KeyForm; quota: string };

const clientIdWords =
  'Use 1 to 63 characters: a–z, 0–9, dot, dash or underscore. Start with a letter or digit.';

type AddTenantProps = { applianceId: string | null; change: Change; keyed: CloseWithPrivateKey };

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

/** The form of a new tenant, then the plan, then the result. */
export function AddTenantRequest(props: AddTenantProps) {
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
