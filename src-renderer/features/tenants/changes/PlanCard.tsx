import type { ReactNode } from 'react';
import { Age } from '../../../ui/feedback/Age.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { ErrorNotice, Skeleton } from '../../../ui/feedback/States.tsx';
import type { HandOverTenant } from '../../connect/HandOverDialog.tsx';
import { OutcomeView } from './OutcomeView.tsx';
import { PlanForm } from './PlanForm.tsx';
import type { Change } from './useChange.ts';
import { endsWords, outcomeWords, wordsOf } from './labels.ts';
import card from '../../../ui/layout/Card.module.css';
import styles from './changes.module.css';
import feedback from '../../../ui/feedback/feedback.module.css';
import form from '../../../ui/form/form.module.css';
import layout from '../../../ui/layout/layout.module.css';
import textStyles from '../../../ui/text/text.module.css';

type PlanCardProps = {
  change: Change;
  /** Cancels the change, or closes its result. */
  onClose: () => void;
  /** Goes back to the form of the plan. */
  onBack?: (() => void) | undefined;
  backText?: string;
  /** Opens the handover pack of the added tenant. */
  onHandOver?: (tenant: HandOverTenant) => void;
  /** Whether the page shows a private key that is not saved yet; saving it comes first. */
  isKeyUnsaved?: boolean;
  /** The text that the reason field starts with. */
  reason?: string;
  /** Whether the title of the surrounding dialog names the change already. */
  isNamedAbove?: boolean;
};

/**
 * Shows the plan of a change, runs it and shows the result. Every change of a tenant uses it, in the panel or
 * a dialog.
 */
export function PlanCard(props: PlanCardProps) {
  const { step } = props.change;
  if (step.step === 'idle') return null;
  const { title } =
    'plan' in step ? wordsOf(step.plan.action, step.plan.before !== null) : wordsOf(step.action);
  if (props.isNamedAbove === true)
    return (
      <section className={`${styles.planCard} ${layout.stack}`} data-plan="" aria-label={title}>
        <StepChip {...props} />
        <Step {...props} />
      </section>
    );
  return (
    <section className={`${card.card} ${styles.planCard}`} data-plan="" aria-label={title}>
      <header>
        <h2>{title}</h2>
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
        <span className={feedback.chip} data-tone={words === 'ends no sessions' ? undefined : 'warn'}>
          {words}
        </span>
      </span>
    );
  }
  if (step.step !== 'settled') return null;
  const { word, tone } = outcomeWords[step.outcome.state];
  return (
    <span className={layout.row}>
      <span className={feedback.chip} data-tone={tone}>
        {word}
      </span>
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
  const { change, onClose, onBack, backText = 'Back' } = props;
  const { step } = change;
  const back = onBack === undefined ? null : { text: backText, run: onBack };
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
            {back === null ? null : <Button onClick={back.run}>{back.text}</Button>}
            <Button onClick={onClose}>Cancel</Button>
            <Button kind="primary" onClick={change.planAgain}>
              Plan again
            </Button>
          </Actions>
        </>
      );
    case 'planned':
    case 'applying':
      return (
        <PlanForm
          // A new plan starts with an empty confirmation, because the typed name confirmed the old plan.
          key={`${step.plan.basis}${step.plan.observedAt}`}
          change={change}
          plan={step.plan}
          onClose={onClose}
          back={back}
          startReason={props.reason ?? ''}
        />
      );
    case 'settled':
      return (
        <OutcomeView
          plan={step.plan}
          outcome={step.outcome}
          onClose={onClose}
          onHandOver={props.onHandOver}
          isKeyUnsaved={props.isKeyUnsaved ?? false}
          // Planning again would drop the private key, and the page has the only copy of it.
          onPlanAgain={change.privateKey === null ? change.planAgain : null}
        />
      );
  }
}
