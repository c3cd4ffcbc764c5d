import { useState } from 'react';
import type { ApplianceEntry } from '../../../../src-shared/model/appliance/applianceEntry.ts';
import { toErrorData } from '../../../rpc/errors.ts';
import { useNavigateTo } from '../../../state/navigate.ts';
import { places } from '../../../state/places.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { TextField } from '../../../ui/form/Fields.tsx';
import { Form } from '../../../ui/form/Form.tsx';
import { ErrorNotice } from '../../../ui/feedback/States.tsx';
import { type FormErrors, formOf, readForm } from '../formModel.ts';
import { useEditAppliance, useRemoveAppliance } from '../mutations.ts';
import { ApplianceFields } from './ApplianceFields.tsx';
import formStyles from '../../../ui/form/form.module.css';
import layout from '../../../ui/layout/layout.module.css';
import text from '../../../ui/text/text.module.css';

export function EditForm({ entry, onDone }: { entry: ApplianceEntry; onDone: () => void }) {
  const navigateTo = useNavigateTo();
  const [form, setForm] = useState(() => formOf(entry));
  const [errors, setErrors] = useState<FormErrors>({});
  const edit = useEditAppliance();
  const submit = (): void => {
    const read = readForm(form);
    if ('errors' in read) {
      setErrors(read.errors);
      return;
    }
    edit.mutate(
      { id: entry.id, appliance: read.input },
      {
        onSuccess: ({ appliance }) => {
          onDone();
          if (appliance.name !== entry.name) navigateTo(places.appliance(appliance.name), { replace: true });
        },
      },
    );
  };
  return (
    <Form className={formStyles.form} onSubmit={submit}>
      <ApplianceFields
        form={form}
        errors={errors}
        onChange={(part) => {
          setForm((current) => ({ ...current, ...part }));
          setErrors({});
        }}
      />
      {edit.error === null ? null : <ErrorNotice error={toErrorData(edit.error)} />}
      <div className={formStyles.formActions}>
        <span className={`${text.sub} ${layout.grow}`}>
          A new address or user ends the session, and the host key is verified again.
        </span>
        <Button onClick={onDone}>Cancel</Button>
        <Button kind="primary" submit busy={edit.isPending}>
          Save
        </Button>
      </div>
    </Form>
  );
}

export function RemoveForm({ entry, onDone }: { entry: ApplianceEntry; onDone: () => void }) {
  const navigateTo = useNavigateTo();
  const [typed, setTyped] = useState('');
  const remove = useRemoveAppliance();
  // Not `mutate`, whose callbacks are dropped when the page of what was removed goes first.
  const removeAndLeave = async (): Promise<void> => {
    try {
      await remove.mutateAsync({ id: entry.id, name: typed });
    } catch {
      return; // Shown from `remove.error`.
    }
    onDone();
    navigateTo(places.fleet(), { replace: true });
  };
  const submit = (): void => {
    if (typed !== entry.name) return;
    void removeAndLeave();
  };
  return (
    <Form className={formStyles.form} onSubmit={submit}>
      <p>
        This closes the session to {entry.name} and deletes its entry and last-known values. The appliance
        itself is not changed. The audit trail is kept.
      </p>
      <TextField
        label={`Type ${entry.name} to remove it`}
        value={typed}
        onChange={setTyped}
        machine
        runInProcess
      />
      {remove.error === null ? null : <ErrorNotice error={toErrorData(remove.error)} />}
      <div className={formStyles.formActions}>
        <span className={layout.grow} />
        <Button onClick={onDone}>Cancel</Button>
        <Button kind="danger" submit disabled={typed !== entry.name} busy={remove.isPending}>
          Remove
        </Button>
      </div>
    </Form>
  );
}
