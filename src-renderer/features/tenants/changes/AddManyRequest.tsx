import { useState } from 'react';
import type { TenantPlan } from '../../../../src-shared/model/tenants/tenantPlan.ts';
import { visibleText } from '../../../../src-shared/base/machineText.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { CheckField, SelectField, TextField } from '../../../ui/form/Fields.tsx';
import { Form } from '../../../ui/form/Form.tsx';
import { ErrorNotice } from '../../../ui/feedback/States.tsx';
import { CommandLine } from '../../../ui/text/Machine.tsx';
import { CsvField } from './CsvField.tsx';
import { ManyEnd } from './ManyEnd.tsx';
import { ManyRows } from './ManyRows.tsx';
import type { useAddMany } from './useAddMany.ts';
import { useChange } from './useChange.ts';
import { useApplianceChoice } from './useApplianceChoice.ts';
import { useCheckedRows } from './useCheckedRows.ts';
import feedback from '../../../ui/feedback/feedback.module.css';
import form from '../../../ui/form/form.module.css';
import layout from '../../../ui/layout/layout.module.css';
import textStyles from '../../../ui/text/text.module.css';

type ManyProps = { applianceId: string | null; many: ReturnType<typeof useAddMany>; onClose: () => void };
type CheckedRows = ReturnType<typeof useCheckedRows>;

/** The state of the request: the selected appliance, the file, and the plan of its first row. */
function useRequest({ applianceId: wanted, many }: ManyProps) {
  const { options, applianceId, choose } = useApplianceChoice(wanted);
  const [text, setText] = useState('');
  const [skipsBad, setSkipsBad] = useState(false);
  const [reason, setReason] = useState('');
  const checked = useCheckedRows(text, applianceId);
  const first = useChange();
  const plan = first.step.step === 'planned' ? first.step.plan : null;
  // The tenant appeared since the appliance's last answer: a row never adds a key to an existing tenant.
  const isExisting = plan !== null && plan.before !== null;
  const [firstRow] = checked.good;
  const canPlan =
    firstRow !== undefined &&
    applianceId !== '' &&
    (checked.bad === 0 || skipsBad) &&
    (checked.room?.fits ?? true) &&
    !isExisting;
  const alter = (change: () => void): void => {
    change();
    first.reset();
    many.reset();
  };
  const submit = (): void => {
    if (!canPlan) return;
    if (plan === null) {
      const { clientId, publicKey, quota } = firstRow;
      first.plan(applianceId, { kind: 'add', clientId, key: { from: 'given', publicKey }, quota });
    } else if (reason.trim() !== '')
      many.start({ applianceId: plan.applianceId, reason: reason.trim(), rows: checked.good });
  };
  return {
    options,
    applianceId,
    choose,
    text,
    setText,
    skipsBad,
    setSkipsBad,
    reason,
    setReason,
    checked,
    step: first.step,
    plan,
    existing: isExisting ? firstRow?.clientId : undefined,
    canPlan,
    alter,
    submit,
  };
}

/** The file with its rows, its plan and the reason; then the run. */
export function AddManyRequest(props: ManyProps) {
  const { many } = props;
  const request = useRequest(props);
  const { options, text, checked, step, plan, reason, alter } = request;
  if (many.run.phase !== 'idle') {
    return <ManyEnd many={many} onClose={props.onClose} onBack={() => alter(() => request.setReason(''))} />;
  }
  const count = checked.good.length;
  return (
    <Form className={form.form} onSubmit={request.submit}>
      {options.length > 1 ? (
        <SelectField
          label="Appliance"
          value={request.applianceId}
          onChange={(id) => alter(() => request.choose(id))}
          options={options}
        />
      ) : null}
      <CsvField
        text={text}
        problem={checked.file?.problem ?? null}
        onText={(next) => alter(() => request.setText(next))}
      />
      <RowSummary
        checked={checked}
        many={many}
        skipsBad={request.skipsBad}
        onSkip={(on) => alter(() => request.setSkipsBad(on))}
      />
      {step.step === 'refused' ? <ErrorNotice error={step.error} /> : null}
      {request.existing === undefined ? null : (
        <p className={form.kitError} role="alert">
          {request.existing} already exists on the appliance. Remove it from the file.
        </p>
      )}
      {many.run.refusal === null ? null : <ErrorNotice error={many.run.refusal} />}
      {plan === null ? null : <ManyPlan plan={plan} reason={reason} onReason={request.setReason} />}
      <div className={form.formActions}>
        <span className={layout.grow} />
        <Button onClick={props.onClose}>Cancel</Button>
        <Button
          kind="primary"
          submit
          busy={step.step === 'planning'}
          disabled={!request.canPlan || (plan !== null && reason.trim() === '')}
        >
          {plan === null ? 'Show plan' : `Add ${count} tenant${count === 1 ? '' : 's'}`}
        </Button>
      </div>
    </Form>
  );
}

/** The rows, how many of them can be added, and the choice to skip the others. */
function RowSummary({
  checked,
  many,
  skipsBad,
  onSkip,
}: {
  checked: CheckedRows;
  many: ManyProps['many'];
  skipsBad: boolean;
  onSkip: (on: boolean) => void;
}) {
  const { file, rows, good, bad, room } = checked;
  return (
    <>
      {rows.length === 0 ? null : <ManyRows rows={rows} run={many.run} />}
      {file === null || file.ignored.length === 0 ? null : (
        <p className={textStyles.sub}>Ignored columns: {visibleText(file.ignored.join(', '))}</p>
      )}
      {rows.length === 0 ? null : (
        <p data-testid="many-capacity">
          {good.length} of {rows.length} can be added{bad === 0 ? '' : `, ${bad} can’t`}.{' '}
          {room === null ? null : (
            <span className={feedback.word} data-tone={room.fits ? 'off' : 'bad'}>
              {room.text}
            </span>
          )}
        </p>
      )}
      {bad > 0 && good.length > 0 ? (
        <CheckField
          label={bad === 1 ? 'Skip the row that can’t be added' : `Skip the ${bad} rows that can’t be added`}
          checked={skipsBad}
          onChange={onSkip}
        />
      ) : null}
    </>
  );
}

/** The commands of the first row, and the reason for all of them. */
function ManyPlan({
  plan,
  reason,
  onReason,
}: {
  plan: TenantPlan;
  reason: string;
  onReason: (reason: string) => void;
}) {
  return (
    <>
      <div className={`${layout.stack} ${layout.tight}`}>
        <p className={textStyles.sub}>
          Runs on <span className={textStyles.strong}>{visibleText(plan.applianceName)}</span> as{' '}
          {visibleText(plan.runsAs)}, once per row, in order. Stops at the first failure. The first command:
        </p>
        {plan.commands.map((command) => (
          <CommandLine key={command.text} text={command.text} label="Command" />
        ))}
        <p className={textStyles.sub}>No session is ended. To undo, remove the new tenants.</p>
      </div>
      <TextField
        label="Reason or ticket (kept in the audit trail)"
        value={reason}
        onChange={(next) => onReason(next.slice(0, 500))}
        required
        hasInitialFocus
      />
    </>
  );
}
