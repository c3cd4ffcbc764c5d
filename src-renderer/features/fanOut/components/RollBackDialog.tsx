import { useState } from 'react';
import { reasonSchema } from '../../../../src-shared/model/audit/reason.ts';
import { formatRun, type RunView } from '../../../../src-shared/model/fanOut/fleetRun.ts';
import { toErrorData } from '../../../rpc/errors.ts';
import { ErrorNotice } from '../../../ui/feedback/States.tsx';
import { TextField } from '../../../ui/form/Fields.tsx';
import { Form } from '../../../ui/form/Form.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { Dialog } from '../../../ui/layout/Dialog.tsx';
import { useRollBack } from '../queries.ts';
import form from '../../../ui/form/form.module.css';
import layout from '../../../ui/layout/layout.module.css';

/** Undoes the change of a run on the appliances that have it. */
export function RollBackDialog({
  run,
  names,
  onClose,
}: {
  run: RunView;
  names: readonly string[];
  onClose: () => void;
}) {
  const [reason, setReason] = useState('');
  const rollBack = useRollBack();
  const read = reasonSchema.safeParse(reason);
  return (
    <Dialog opened onClose={onClose} title={`Roll back ${formatRun(run.number)}`}>
      <Form
        className={layout.stack}
        onSubmit={() => {
          if (read.success)
            rollBack.mutate({ number: run.number, reason: read.data }, { onSuccess: onClose });
        }}
      >
        <p>
          Undoes the change on {names.join(', ')}. An appliance that was changed after the run keeps what it
          has.
        </p>
        <TextField
          label="Reason or ticket (kept in the audit trail)"
          value={reason}
          onChange={setReason}
          required
          hasInitialFocus
        />
        {rollBack.error === null ? null : <ErrorNotice error={toErrorData(rollBack.error)} />}
        <div className={form.formActions}>
          <span className={layout.grow} />
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="danger" submit busy={rollBack.isPending} disabled={!read.success}>
            {read.success ? 'Roll back' : 'Roll back: enter a reason'}
          </Button>
        </div>
      </Form>
    </Dialog>
  );
}
