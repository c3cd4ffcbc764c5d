import { formatCount } from '../../../../src-shared/base/formatCount.ts';
import type { AccountChangeCard, WhatIf } from '../../../../src-shared/contract/usageChanges.ts';
import { formatMoney } from '../../../../src-shared/model/billing/invoice.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { saveText } from '../../../ui/text/saveText.ts';
import type { Scenario } from './scenario.ts';
import layout from '../../../ui/layout/layout.module.css';
import styles from './whatIf.module.css';
import text from '../../../ui/text/text.module.css';

const maxNames = 3;

/** The chosen names, the first few written out. Null if none were read. */
function listNames({ marks }: Scenario): string | null {
  if (marks === null || marks.kind === 'application') return null;
  const names = marks.accounts.map(({ name }) => name);
  const more = names.length > maxNames ? `, and ${names.length - maxNames} more` : '';
  return `${names.slice(0, maxNames).join(', ')}${more}`;
}

function Reveal({ scenario, whatIf, onLeaveOut }: DecisionProps) {
  const [step] = whatIf.priced.steps;
  const { currency } = whatIf.priced.after;
  if (!scenario.isMarking || step === undefined || step.addedNames === null || step.addedNames <= 0)
    return null;
  const saving = step.saving.known ? formatMoney(step.saving.value, currency) : 'an amount that is not known';
  const each = step.savingPerName === null ? '' : ` (${formatMoney(step.savingPerName, currency)} a name)`;
  const names = listNames(scenario);
  return (
    <div className={`${layout.row} ${styles.actions}`}>
      <p className={styles.reveals}>
        <b>
          The marks save {saving} a month and reveal {formatCount(step.addedNames)}{' '}
          {step.addedNames === 1 ? 'name' : 'names'}
        </b>
        {each}
        {names === null ? '.' : `: ${names}.`}
      </p>
      <Button onClick={onLeaveOut}>Leave them out</Button>
    </div>
  );
}

type DecisionProps = {
  scenario: Scenario;
  whatIf: WhatIf;
  onLeaveOut: () => void;
  onPlan: (change: AccountChangeCard) => void;
  /** Whether changes were applied in this view, after which no other ones are planned. */
  isApplied: boolean;
  /** Null if nothing that can be undone was applied in this view. */
  onUndo: (() => void) | null;
};

/** What the scenario reveals, and the buttons that keep or apply it. Nothing has changed until then. */
export function DecisionCard(props: DecisionProps) {
  const { whatIf, onPlan, onUndo, isApplied } = props;
  const { change, name, priced } = whatIf;
  const count = change?.changes.length ?? 0;
  return (
    <Card label="Decision" flush>
      <Reveal {...props} />
      <div className={`${layout.row} ${styles.actions}`}>
        <span className={`${text.sub} ${layout.grow}`}>
          {isApplied && change === null
            ? `The changes are made on ${name}.`
            : `Nothing has changed on ${name}.`}
          {change === null ? '' : ` ${change.undo.text}`}
        </span>
        {onUndo === null ? null : <Button onClick={onUndo}>Undo the marks…</Button>}
        <Button
          disabled={priced.steps.length === 0}
          onClick={() =>
            saveText({
              name: `what-if-${name}-${priced.after.month}.json`,
              type: 'application/json',
              text: `${JSON.stringify({ name, takenAt: whatIf.takenAt, ...priced }, null, 2)}\n`,
            })
          }
        >
          Save scenario…
        </Button>
        <Button
          kind="primary"
          disabled={change === null}
          onClick={() => (change === null ? undefined : onPlan(change))}
        >
          {count === 0 ? 'Plan changes…' : count === 1 ? 'Plan this change…' : `Plan these ${count} changes…`}
        </Button>
      </div>
    </Card>
  );
}
