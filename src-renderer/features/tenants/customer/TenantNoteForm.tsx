import { useState } from 'react';
import {
  emptyTenantNote,
  tenantNoteFields,
  tenantNoteSchema,
  type KeptTenantNote,
  type TenantNote,
} from '../../../../src-shared/model/tenants/tenantNote.ts';
import { toErrorData } from '../../../rpc/errors.ts';
import { ErrorNotice } from '../../../ui/feedback/States.tsx';
import { TextArea, TextField } from '../../../ui/form/Fields.tsx';
import { Form, FormGrid } from '../../../ui/form/Form.tsx';
import { textProps, useFormState } from '../../../ui/form/useFormState.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { useSetTenantNote } from './queries.ts';
import formStyles from '../../../ui/form/form.module.css';
import layout from '../../../ui/layout/layout.module.css';
import textStyles from '../../../ui/text/text.module.css';

const errors: Readonly<Record<keyof TenantNote, string>> = {
  contactName: 'Enter one line of at most 200 characters.',
  email: 'Enter one e-mail address, for example jane@nw.example. Put others under “More about the contact”.',
  phone: 'Enter one line of at most 200 characters.',
  contactText: 'Enter at most 4,000 characters. Invisible characters are not allowed.',
  note: 'Enter at most 4,000 characters. Invisible characters are not allowed.',
};

/** Edits the contact and the note of a tenant. Empty fields delete them. */
export function TenantNoteForm({
  tenant,
  note,
  onClose,
}: {
  tenant: { applianceId: string; clientId: string };
  note: KeptTenantNote | null;
  onClose: () => void;
}) {
  const { contactName, email, phone, contactText, note: text } = note ?? emptyTenantNote;
  const form = useFormState<TenantNote>({ contactName, email, phone, contactText, note: text });
  // The note may be read again while the form is open, but the form still shows this version.
  const [basis] = useState(note?.changedAt ?? null);
  const save = useSetTenantNote();
  const submit = (): void => {
    const read = tenantNoteSchema.safeParse(form.values);
    if (read.success) {
      const isEmpty = tenantNoteFields.every((field) => read.data[field] === '');
      const { applianceId, clientId } = tenant;
      save.mutate({ applianceId, clientId, note: isEmpty ? null : read.data, basis }, { onSuccess: onClose });
    } else {
      const wrong = new Set(read.error.issues.map(({ path }) => path[0]));
      form.setErrors(
        Object.fromEntries(
          tenantNoteFields.filter((field) => wrong.has(field)).map((field) => [field, errors[field]]),
        ),
      );
    }
  };
  return (
    <Form className={`${formStyles.form} ${layout.stack}`} onSubmit={submit}>
      <TextField label="Name" {...textProps(form, 'contactName')} hasInitialFocus />
      <FormGrid>
        <TextField label="E-mail" {...textProps(form, 'email')} />
        <TextField label="Phone" {...textProps(form, 'phone')} />
      </FormGrid>
      <TextArea label="More about the contact" rows={2} {...textProps(form, 'contactText')} />
      <TextArea label="Note" rows={5} {...textProps(form, 'note')} />
      {save.error === null ? null : <ErrorNotice error={toErrorData(save.error)} />}
      <div className={formStyles.formActions}>
        <span className={`${textStyles.sub} ${layout.grow}`}>
          Kept by this console only. The appliance never gets it.
        </span>
        <Button onClick={onClose}>Cancel</Button>
        <Button kind="primary" submit busy={save.isPending}>
          Save
        </Button>
      </div>
    </Form>
  );
}
