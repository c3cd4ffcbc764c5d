import { useState } from 'react';
import { reasonSchema } from '../../../../src-shared/model/audit/reason.ts';
import { toErrorData } from '../../../rpc/errors.ts';
import { ErrorNotice } from '../../../ui/feedback/States.tsx';
import { SelectField, TextField } from '../../../ui/form/Fields.tsx';
import { Form } from '../../../ui/form/Form.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { useRotateGroupKey } from './queries.ts';
import formStyles from '../../../ui/form/form.module.css';
import layout from '../../../ui/layout/layout.module.css';
import textStyles from '../../../ui/text/text.module.css';

const overlaps = [
  { value: '0', label: '0 hours (the former key ends immediately)' },
  { value: '1', label: '1 hour' },
  { value: '24', label: '24 hours' },
  { value: '168', label: '7 days' },
  { value: '720', label: '30 days' },
];

/** Replaces the key of one group. */
export function RotateGroupKey(props: {
  place: { applianceId: string; clientId: string; group: string };
  onClose: () => void;
}) {
  const [overlap, setOverlap] = useState('24');
  const [reason, setReason] = useState('');
  const [isSubmitted, setIsSubmitted] = useState(false);
  const rotate = useRotateGroupKey();
  const read = reasonSchema.safeParse(reason);
  const submit = (): void => {
    setIsSubmitted(true);
    if (!read.success) return;
    rotate.mutate(
      { ...props.place, overlapHours: Number(overlap), reason: read.data },
      { onSuccess: props.onClose },
    );
  };
  return (
    <Form className={`${formStyles.form} ${layout.stack}`} onSubmit={submit}>
      <p>
        The group gets a new key. Give it to everyone who uses the group’s repositories: without it they are
        refused when the former key ends. No tunnel is interrupted.
      </p>
      <SelectField
        label="The former key stays valid for"
        value={overlap}
        onChange={setOverlap}
        options={overlaps}
      />
      <TextField
        label="Reason"
        value={reason}
        onChange={setReason}
        description="Goes into the audit trail, for example a ticket number."
        error={isSubmitted && !read.success ? 'Enter a reason of at most 500 characters.' : undefined}
        hasInitialFocus
      />
      {rotate.error === null ? null : <ErrorNotice error={toErrorData(rotate.error)} />}
      <div className={formStyles.formActions}>
        <span className={`${textStyles.sub} ${layout.grow}`}>The former key can’t be restored.</span>
        <Button onClick={props.onClose}>Cancel</Button>
        <Button kind="primary" submit busy={rotate.isPending}>
          Rotate
        </Button>
      </div>
    </Form>
  );
}
