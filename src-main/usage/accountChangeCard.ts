import type { AccountChangeCard } from '../../src-shared/contract/usageChanges.ts';
import { formatCount } from '../../src-shared/base/formatCount.ts';
import { quoteArgv } from '../../src-shared/base/quoteArgv.ts';
import { formatUnits } from '../../src-shared/model/billing/selection.ts';
import { accountArgv } from '../../src-shared/model/usage/accountArgv.ts';
import type { AccountPlan, AccountStep } from '../../src-shared/model/usage/accountPlan.ts';

type Step = { step: AccountStep; made: AccountPlan['steps'][number] };

/** What a step does, as a label of its saving. */
export function describeStep({ step: { action, accounts }, made: { changed } }: Step): string {
  const count = formatUnits(changed, 'account');
  if (action === 'deactivate')
    return 'idleDays' in accounts
      ? `Deactivate ${count} without a request for ${accounts.idleDays} days`
      : `Deactivate ${count}`;
  const verb = action === 'unmark' ? 'Unmark' : 'Mark as internal:';
  return 'application' in accounts
    ? `${verb} application ${accounts.application}, ${count}`
    : `${verb} ${count}`;
}

function warningsOf(pair: Step): string[] {
  const { step, made } = pair;
  if (made.changed === 0) return [`${describeStep(pair)}: nothing is left to change.`];
  const already = made.unchanged > 0 ? [`${formatCount(made.unchanged)} of these are so already.`] : [];
  if (step.action !== 'mark-internal') return already;
  const names = `The report then names ${formatUnits(made.changed, 'account')} in plain text.`;
  const later =
    'application' in step.accounts ? ['Accounts that join this application later are internal, too.'] : [];
  return [names, ...later, ...already];
}

/** The steps that undo marks, and why other steps can't be undone from here. */
function undoOf(steps: readonly Step[]): AccountChangeCard['undo'] {
  const undoing = steps.flatMap(({ step, made }): AccountStep[] => {
    if (step.action === 'deactivate' || made.changed === 0) return [];
    const action = step.action === 'unmark' ? 'mark-internal' : 'unmark';
    if ('application' in step.accounts) return [{ action, accounts: step.accounts }];
    const hashes = made.changedHashes ?? [];
    return hashes.length === 0 ? [] : [{ action, accounts: { hashes } }];
  });
  const isFinal = steps.some(({ step, made }) => step.action === 'deactivate' && made.changed > 0);
  const verb = undoing.some(({ action }) => action === 'unmark') ? 'unmark' : 'mark';
  const marks = undoing.length === 0 ? [] : [`To undo the marks, ${verb} the same accounts again.`];
  const active = isFinal
    ? ['A deactivation can’t be undone here: an account becomes active again only when its owner reconnects.']
    : [];
  return { steps: undoing.length === 0 ? null : undoing, text: [...marks, ...active].join(' ') };
}

/** What applying the steps would do: the command, its warnings, and the undo. It names no account but by hash. */
export function makeChangeCard(plan: AccountPlan, steps: readonly AccountStep[]): AccountChangeCard {
  const pairs = plan.steps.flatMap((made, at): Step[] => {
    const step = steps[at];
    return step === undefined ? [] : [{ step, made }];
  });
  return {
    digest: plan.digest,
    steps: [...steps],
    command: quoteArgv(accountArgv.apply(plan.digest)),
    changes: pairs.map((pair) => ({
      text: describeStep(pair),
      changed: pair.made.changed,
      unchanged: pair.made.unchanged,
    })),
    warnings: pairs.flatMap(warningsOf),
    undo: undoOf(pairs),
  };
}
