import { useState } from 'react';
import type { AccountChangeCard } from '../../../../src-shared/contract/usageChanges.ts';
import { reasonSchema } from '../../../../src-shared/model/audit/reason.ts';
import { toErrorData } from '../../../rpc/errors.ts';
import { ErrorNotice } from '../../../ui/feedback/States.tsx';
import { TextField } from '../../../ui/form/Fields.tsx';
import { Form } from '../../../ui/form/Form.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { Dialog } from '../../../ui/layout/Dialog.tsx';
import { PlainList } from '../../../ui/layout/Lists.tsx';
import { CommandLine } from '../../../ui/text/Machine.tsx';
import { useLockReason } from '../../fleet/queries.ts';
import { useMay } from '../../system/queries.ts';
import { useApplyChange } from './queries.ts';
import feedback from '../../../ui/feedback/feedback.module.css';
import form from '../../../ui/form/form.module.css';
import layout from '../../../ui/layout/layout.module.css';
import text from '../../../ui/text/text.module.css';

type ApplyProps = {
  appliance: { id: string; name: string };
  change: AccountChangeCard;
  onClose: () => void;
  /** Called once the changes are made, with the card that was applied. */
  onApplied: (change: AccountChangeCard) => void;
  /** Plans the same changes again, after other accounts would be changed. */
  onPlanAgain: () => void;
};

/** The plan card of changes of accounts: what runs, what it reveals, how it is undone, and why it is made. */
export function ApplyDialog(props: ApplyProps) {
  const { change, appliance, onClose } = props;
  return (
    <Dialog opened onClose={onClose} title={`Change accounts on ${appliance.name}`}>
      <ApplyForm {...props} key={change.digest} />
    </Dialog>
  );
}

function CardBody({ change, name }: { change: AccountChangeCard; name: string }) {
  return (
    <>
      <PlainList label="Changes">
        {change.changes.map(({ text: what }) => (
          <li key={what}>{what}</li>
        ))}
      </PlainList>
      <p className={text.sub}>
        Runs on <span className={text.strong}>{name}</span>, with the accounts on its standard input; all
        changes or none:
      </p>
      <CommandLine text={change.command} label="Command" />
      {change.warnings.length === 0 ? null : (
        <PlainList label="Warnings">
          {change.warnings.map((warning) => (
            <li key={warning} className={feedback.word} data-tone="warn">
              ! {warning}
            </li>
          ))}
        </PlainList>
      )}
      <p className={text.sub}>{change.undo.text}</p>
    </>
  );
}

function ApplyForm({ appliance, change, onClose, onApplied, onPlanAgain }: ApplyProps) {
  const [reason, setReason] = useState('');
  const apply = useApplyChange();
  const mayApply = useMay('admin');
  const lockReason = useLockReason(appliance.id);
  const read = reasonSchema.safeParse(reason);
  const isNothing = change.changes.every(({ changed }) => changed === 0);
  const missing = !mayApply
    ? 'only an admin can'
    : lockReason !== null
      ? 'the appliance is read-only'
      : isNothing
        ? 'nothing to change'
        : read.success
          ? null
          : 'enter a reason';
  const error = apply.error === null ? null : toErrorData(apply.error);
  const outcome = apply.data?.applied ?? null;
  const run = () => {
    if (missing !== null || !read.success || apply.isPending) return;
    apply.mutate(
      { applianceId: appliance.id, steps: change.steps, digest: change.digest, reason: read.data },
      { onSuccess: ({ applied }) => (applied.state === 'done' ? onApplied(change) : undefined) },
    );
  };
  return (
    <Form className={layout.stack} onSubmit={run}>
      <CardBody change={change} name={appliance.name} />
      <TextField
        label="Reason or ticket (kept in the audit trail)"
        value={reason}
        onChange={setReason}
        placeholder="OPS-4711, requested by purchasing"
        required
        hasInitialFocus
      />
      {error === null ? null : <ErrorNotice error={error} />}
      {outcome === null ? null : (
        <output className={feedback.word} data-tone={outcome.state === 'done' ? 'ok' : 'warn'}>
          {outcome.message}
        </output>
      )}
      <div className={form.formActions}>
        <span className={`${text.sub} ${layout.grow}`}>
          {apply.isPending ? `Running on ${appliance.name}…` : ''}
        </span>
        <Button onClick={onClose} disabled={apply.isPending}>
          {outcome === null ? 'Cancel' : 'Close'}
        </Button>
        {error?.code === 'CONFLICT' || outcome?.state === 'unknown' ? (
          <Button kind="primary" onClick={onPlanAgain}>
            Plan again
          </Button>
        ) : (
          <Button kind="danger" submit busy={apply.isPending} disabled={missing !== null}>
            {missing === null ? 'Apply' : `Apply: ${missing}`}
          </Button>
        )}
      </div>
    </Form>
  );
}
