import { useEffect, useRef, useState } from 'react';
import type { ErrorData } from '../../../../src-shared/errors.ts';
import { visibleText } from '../../../../src-shared/base/machineText.ts';
import type { TenantPlan } from '../../../../src-shared/model/tenants/tenantPlan.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { TextField } from '../../../ui/form/Fields.tsx';
import { Form } from '../../../ui/form/Form.tsx';
import { CommandLine, MachineText } from '../../../ui/text/Machine.tsx';
import { ErrorNotice } from '../../../ui/feedback/States.tsx';
import { PlanDifference, PlanEnds, PlanUndo } from './PlanParts.tsx';
import { type Change, isFullConflict } from './useChange.ts';
import { endsWords, wordsOf } from './labels.ts';
import feedback from '../../../ui/feedback/feedback.module.css';
import form from '../../../ui/form/form.module.css';
import { PlainList } from '../../../ui/layout/Lists.tsx';
import layout from '../../../ui/layout/layout.module.css';
import textStyles from '../../../ui/text/text.module.css';

type PlanFormProps = {
  change: Change;
  plan: TenantPlan;
  onClose: () => void;
  back: { text: string; run: () => void } | null;
  startReason: string;
};

const maxReason = 500;

/** The plan, the reason for it, and the button that runs it. */
export function PlanForm(props: PlanFormProps) {
  const { change, plan } = props;
  const place = useRef<HTMLFormElement>(null);
  // Focusing the reason scrolls the head of the plan out of view, so the form scrolls back to its start.
  useEffect(() => {
    place.current?.closest('section')?.scrollIntoView({ block: 'nearest' });
  }, []);
  const [reason, setReason] = useState(props.startReason);
  const [typed, setTyped] = useState('');
  const { step } = change;
  const refusal = step.step === 'planned' ? step.refusal : null;
  const isNamed = plan.confirmName === null || typed === plan.confirmName;
  const isReady = reason.trim() !== '' && isNamed;
  const canRun = isReady && step.step === 'planned' && !mustPlanAgain(refusal);
  return (
    <Form
      ref={place}
      className={layout.stack}
      onSubmit={() => {
        const typedName = plan.confirmName === null ? null : typed;
        if (canRun) change.apply({ reason: reason.trim(), typedName });
      }}
    >
      <PlanBody plan={plan} />
      {plan.confirmName === null ? null : (
        <TextField
          label={`Type ${plan.confirmName} to confirm`}
          value={typed}
          onChange={setTyped}
          error={typed !== '' && !plan.confirmName.startsWith(typed) ? 'Doesn’t match.' : undefined}
          machine
          hasInitialFocus
        />
      )}
      <TextField
        label="Reason or ticket (kept in the audit trail)"
        value={reason}
        onChange={(text) => setReason(text.slice(0, maxReason))}
        placeholder="OPS-4711, requested by the site"
        required
        hasInitialFocus={plan.confirmName === null}
      />
      {refusal === null ? null : <Refusal error={refusal} />}
      <PlanButtons
        {...props}
        refusal={refusal}
        isReady={isReady}
        missing={isNamed ? 'Enter a reason' : 'Type the name to confirm'}
      />
    </Form>
  );
}

/** Whether the tenant changed since the plan, so that only a new plan can run. */
function mustPlanAgain(refusal: ErrorData | null): boolean {
  return refusal !== null && refusal.code === 'CONFLICT';
}

/** Says what changed since the plan, or why the appliance refused. In both cases nothing was changed. */
function Refusal({ error }: { error: ErrorData }) {
  const notice = useRef<HTMLDivElement>(null);
  useEffect(() => {
    notice.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  return (
    <div ref={notice} className={layout.stack}>
      <ErrorNotice error={error} />
      {isFullConflict(error) ? null : <p className={textStyles.sub}>Nothing was changed.</p>}
    </div>
  );
}

/** `missing` says what is missing before the change can run; null if it can. */
function PlanButtons({
  change,
  plan,
  back,
  onClose,
  refusal,
  isReady,
  missing,
}: PlanFormProps & { refusal: ErrorData | null; isReady: boolean; missing: string }) {
  const isApplying = change.step.step === 'applying';
  const { verb, isDestructive } = wordsOf(plan.action, plan.before !== null);
  const isFinal = isDestructive || plan.ends.length > 0 || plan.confirmName !== null;
  const mustPlan = mustPlanAgain(refusal);
  return (
    <div className={form.formActions}>
      <span className={`${textStyles.sub} ${layout.grow}`}>
        {isApplying ? (
          `Running on ${visibleText(plan.applianceName)}…`
        ) : plan.ends.length > 0 ? (
          <span className={feedback.word} data-tone="warn">
            {endsWords(plan)}
          </span>
        ) : null}
      </span>
      {back === null ? null : (
        <Button onClick={back.run} disabled={isApplying}>
          {back.text}
        </Button>
      )}
      <Button onClick={onClose} disabled={isApplying}>
        Cancel
      </Button>
      {refusal === null ? null : (
        <Button onClick={change.planAgain} kind={mustPlan ? 'primary' : 'plain'}>
          Plan again
        </Button>
      )}
      {mustPlan ? null : (
        <Button
          kind={isFinal ? 'danger' : 'primary'}
          submit
          busy={isApplying}
          disabled={!isReady}
          {...(isReady ? {} : { title: missing })}
        >
          {verb}
        </Button>
      )}
    </div>
  );
}

function PlanBody({ plan }: { plan: TenantPlan }) {
  return (
    <>
      <div className={`${layout.stack} ${layout.tight}`}>
        <p className={textStyles.sub}>
          Runs on <span className={textStyles.strong}>{visibleText(plan.applianceName)}</span> as{' '}
          {visibleText(plan.runsAs)}:
        </p>
        {plan.commands.map((command, index) => (
          <CommandLine key={`${index}${command.text}`} text={command.text} label={`Command ${index + 1}`} />
        ))}
      </div>
      {plan.upload === null ? null : (
        <p className={textStyles.sub}>
          Uploads the key as a temporary file (mode 0600), then deletes it:{' '}
          <MachineText text={`${plan.upload.type} ${plan.upload.fingerprint}`} />
        </p>
      )}
      <PlanEnds plan={plan} />
      <PlanDifference plan={plan} />
      {plan.warnings.length === 0 ? null : (
        <PlainList label="Warnings">
          {plan.warnings.map((warning) => (
            <li key={warning} className={feedback.word} data-tone="warn">
              ! {visibleText(warning)}
            </li>
          ))}
        </PlainList>
      )}
      <PlanUndo plan={plan} />
    </>
  );
}
