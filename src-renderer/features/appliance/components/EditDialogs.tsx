import { useState } from 'react';
import { changedFields, type ApplianceEntry } from '../../../../src-shared/model/appliance/applianceEntry.ts';
import { toErrorData } from '../../../rpc/errors.ts';
import { useNavigateTo } from '../../../state/navigate.ts';
import { places } from '../../../state/places.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { TextField } from '../../../ui/form/Fields.tsx';
import { Form } from '../../../ui/form/Form.tsx';
import { ErrorNotice } from '../../../ui/feedback/States.tsx';
import { toForm } from '../formModel.ts';
import { useEditAppliance, useRemoveAppliance } from '../mutations.ts';
import { readValid, useApplianceForm } from '../useApplianceForm.ts';
import type { ApplianceDialogProps } from './ApplianceDialogs.tsx';
import { MoreFields, NameFields } from './ApplianceFields.tsx';
import { LoginFields } from './LoginFields.tsx';
import formStyles from '../../../ui/form/form.module.css';
import layout from '../../../ui/layout/layout.module.css';
import text from '../../../ui/text/text.module.css';

type EntryDialogProps = Omit<ApplianceDialogProps, 'dialog'> & { entry: ApplianceEntry };

/** Whether the open page belongs to the appliance. If so, it must move after a rename or removal. */
function isAt(name: string): boolean {
  return `${location.hash}/`.startsWith(`#${places.appliance(name)}/`);
}

export function EditForm({ entry, onDone, onClose, onUnsaved }: EntryDialogProps) {
  const navigateTo = useNavigateTo();
  // The entry when the dialog opened. Others may change it at the same time, so only fields that the user
  // changed are saved.
  const [opened] = useState(entry);
  const form = useApplianceForm(toForm(opened), { onUnsaved });
  const edit = useEditAppliance();
  const submit = (): void => {
    const appliance = readValid(form);
    if (appliance === null) return;
    const { locked } = form.values;
    edit.mutate(
      {
        id: entry.id,
        appliance,
        changes: changedFields(opened, appliance),
        isLocked: locked === opened.locked ? null : locked,
      },
      {
        onSuccess: ({ name }) => {
          onDone();
          if (name !== entry.name && isAt(entry.name)) navigateTo(places.appliance(name), { replace: true });
        },
      },
    );
  };
  return (
    <Form className={formStyles.form} onSubmit={submit}>
      <LoginFields form={form} />
      <NameFields form={form} />
      <MoreFields form={form} isOpen />
      {edit.error === null ? null : <ErrorNotice error={toErrorData(edit.error)} />}
      <div className={formStyles.formActions}>
        <span className={`${text.sub} ${layout.grow}`}>
          If you change the address or user, the connection ends and the host key is verified again.
        </span>
        <Button onClick={onClose}>Cancel</Button>
        <Button kind="primary" submit busy={edit.isPending}>
          Save
        </Button>
      </div>
    </Form>
  );
}

export function RemoveForm({ entry, onDone }: EntryDialogProps) {
  const navigateTo = useNavigateTo();
  const [typed, setTyped] = useState('');
  const remove = useRemoveAppliance();
  // Uses `mutateAsync`, because callbacks of `mutate` are lost if the appliance's page unmounts first.
  const removeAndLeave = async (): Promise<void> => {
    try {
      await remove.mutateAsync({ id: entry.id, name: typed });
    } catch {
      return; // `remove.error` shows the failure.
    }
    onDone();
    if (isAt(entry.name)) navigateTo(places.fleet(), { replace: true });
  };
  const submit = (): void => {
    if (typed !== entry.name) return;
    void removeAndLeave();
  };
  return (
    <Form className={formStyles.form} onSubmit={submit}>
      <p>
        This disconnects from {entry.name} and deletes its entry, host keys, last known values and
        notifications, and the history, contacts and notes of its tenants. The appliance itself is not
        changed. The audit trail is kept.
      </p>
      <TextField
        label={`Type ${entry.name} to remove it`}
        value={typed}
        onChange={setTyped}
        machine
        hasInitialFocus
      />
      {remove.error === null ? null : <ErrorNotice error={toErrorData(remove.error)} />}
      <div className={formStyles.formActions}>
        <span className={layout.grow} />
        <Button onClick={onDone}>Cancel</Button>
        <Button
          kind="danger"
          submit
          disabled={typed !== entry.name}
          title={typed === entry.name ? '' : `Type ${entry.name} first`}
          busy={remove.isPending}
        >
          Remove
        </Button>
      </div>
    </Form>
  );
}
