import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { ErrorData } from '../../../../src-shared/errors.ts';
import { visibleText } from '../../../../src-shared/base/machineText.ts';
import type { TenantPlan } from '../../../../src-shared/model/tenants/tenantPlan.ts';
import { Age } from '../../../ui/feedback/Age.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { TextField } from '../../../ui/form/Fields.tsx';
import { Form } from '../../../ui/form/Form.tsx';
import { CommandLine, MachineText } from '../../../ui/text/Machine.tsx';
import { ErrorNotice, Skeleton } from '../../../ui/feedback/States.tsx';
import type { HandOverTenant } from '../../connect/HandOverDialog.tsx';
import { PlanDifference, PlanEnds, PlanUndo } from './PlanParts.tsx';
import { OutcomeView } from './OutcomeView.tsx';
import type { Change } from './useChange.ts';
import { endsWords, outcomeWords, wordsOf } from './labels.ts';
import card from '../../../ui/layout/Card.module.css';
import styles from './changes.module.css';
import feedback from '../../../ui/feedback/feedback.module.css';
import form from '../../../ui/form/form.module.css';
import { PlainList } from '../../../ui/layout/Lists.tsx';
import layout from '../../../ui/layout/layout.module.css';
import textStyles from '../../../ui/text/text.module.css';

type PlanCardProps = {
  change: Change;
  /** Leaves without a change; after one, closes. */
  onClose: () => void;
  /** Back to what was typed. */
  onBack?: (() => void) | undefined;
  /** Leaves for the pack of a tenant that was added. */
  onHandOver?: (tenant: HandOverTenant) => void;
  /** Stands in a dialog that bears the change's name already. */
  isNamedAbove?: boolean;
};

/** What would change, then what did: the one way in which an operator changes a tenant. Stands in a panel or a dialog. */
export function PlanCard(props: PlanCardProps) {
  const { step } = props.change;
  if (step.step === 'idle') return null;
  const { title } =
    'plan' in step ? wordsOf(step.plan.action, step.plan.before !== null) : wordsOf(step.action);
  return (
    <section className={`${card.card} ${styles.planCard}`} data-plan="" aria-label={title}>
      <header>
        <h2>{props.isNamedAbove !== true ? title : step.step === 'settled' ? 'Result' : 'Plan'}</h2>
        <StepChip {...props} />
      </header>
      <div className={`${card.body} ${layout.stack}`}>
        <Step {...props} />
      </div>
    </section>
  );
}

function StepChip({ change: { step } }: PlanCardProps) {
  if (step.step === 'planned' || step.step === 'applying') {
    const words = endsWords(step.plan);
    return (
      <span className={layout.row}>
        <Age observedAt={step.plan.observedAt} />
        <span className={feedback.chip} data-tone={words === 'ends no connection' ? undefined : 'warn'}>
          {words}
        </span>
      </span>
    );
  }
  if (step.step !== 'settled') return null;
  const { word, tone } = outcomeWords[step.outcome.state];
  return (
    <span className={feedback.chip} data-tone={tone}>
      {word}
    </span>
  );
}

function Actions({ children }: { children: ReactNode }) {
  return (
    <div className={form.formActions}>
      <span className={layout.grow} />
      {children}
    </div>
  );
}

function Step(props: PlanCardProps) {
  const { change, onClose, onBack } = props;
  const { step } = change;
  switch (step.step) {
    case 'idle':
      return null;
    case 'planning':
      return (
        <>
          <p className={textStyles.sub}>Preparing the plan…</p>
          <Skeleton lines={4} />
          <Actions>
            <Button onClick={onClose}>Cancel</Button>
          </Actions>
        </>
      );
    case 'refused':
      return (
        <>
          <ErrorNotice error={step.error} />
          <p className={textStyles.sub}>Nothing was changed.</p>
          <Actions>
            {onBack === undefined ? null : <Button onClick={onBack}>Back</Button>}
            <Button onClick={onClose}>Cancel</Button>
            <Button kind="primary" onClick={change.planAgain}>
              Plan again
            </Button>
          </Actions>
        </>
      );
    case 'planned':
    case 'applying':
      // A new plan starts with an empty confirmation: what was typed belonged to the old one.
      return <PlanForm key={`${step.plan.basis}${step.plan.observedAt}`} {...props} plan={step.plan} />;
    case 'settled':
      return (
        <OutcomeView
          plan={step.plan}
          outcome={step.outcome}
          onClose={onClose}
          onHandOver={props.onHandOver}
          // A new plan forgets the key, of which the page holds the only copy.
          onPlanAgain={change.privateKey === null ? change.planAgain : null}
        />
      );
  }
}

/** Says what changed since the plan, or why the appliance refused. Either way nothing was changed. */
function Refusal({ error }: { error: ErrorData }) {
  const notice = useRef<HTMLDivElement>(null);
  useEffect(() => {
    notice.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  // For a conflict, the console's own sentence already says both.
  const saysIt = error.code === 'CONFLICT' && 'changed' in error.detail;
  return (
    <div ref={notice} className={layout.stack}>
      <ErrorNotice error={error} />
      {saysIt ? null : <p className={textStyles.sub}>Nothing was changed.</p>}
    </div>
  );
}

function PlanForm({ change, plan, onClose, onBack }: PlanCardProps & { plan: TenantPlan }) {
  const place = useRef<HTMLFormElement>(null);
  // The cursor goes to the reason, which would leave the head of the plan out of sight.
  useEffect(() => {
    place.current?.closest('section')?.scrollIntoView({ block: 'nearest' });
  }, []);
  const [reason, setReason] = useState('');
  const [typed, setTyped] = useState('');
  const { step } = change;
  const isApplying = step.step === 'applying';
  const refusal = step.step === 'planned' ? step.refusal : null;
  const isNamed = plan.confirmName === null || typed === plan.confirmName;
  const isReady = reason.trim() !== '' && isNamed;
  const { verb, isDestructive } = wordsOf(plan.action, plan.before !== null);
  const isFinal = isDestructive || plan.ends.length > 0 || plan.confirmName !== null;
  const mustPlanAnew = refusal !== null && refusal.code === 'CONFLICT';
  return (
    <Form
      ref={place}
      className={layout.stack}
      onSubmit={() => {
        if (isReady && !isApplying && !mustPlanAnew)
          change.apply({ reason: reason.trim(), typedName: plan.confirmName === null ? null : typed });
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
          runInProcess
        />
      )}
      <TextField
        label="Reason or ticket (kept in the audit trail)"
        value={reason}
        onChange={(text) => setReason(text.slice(0, 500))}
        placeholder="OPS-4711, requested by the site"
        required
        runInProcess={plan.confirmName === null}
      />
      {refusal === null ? null : <Refusal error={refusal} />}
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
        {onBack === undefined ? null : (
          <Button onClick={onBack} disabled={isApplying}>
            Back
          </Button>
        )}
        <Button onClick={onClose} disabled={isApplying}>
          Cancel
        </Button>
        {refusal === null ? null : (
          <Button onClick={change.planAgain} kind={mustPlanAnew ? 'primary' : 'plain'}>
            Plan again
          </Button>
        )}
        {mustPlanAnew ? null : (
          <Button
            kind={isFinal ? 'danger' : 'primary'}
            submit
            busy={isApplying}
            disabled={!isReady}
            {...(isReady ? {} : { title: isNamed ? 'Enter a reason' : 'Type the name to confirm' })}
          >
            {verb}
          </Button>
        )}
      </div>
    </Form>
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
