import { formatCount } from '../../../../../src-shared/base/formatCount.ts';
import type { AccountChangeCard, WhatIf } from '../../../../../src-shared/contract/usageChanges.ts';
import { formatInstant } from '../../../../../src-shared/base/time.ts';
import { formatTable } from '../../output.ts';
import { formatAmount } from './usageText.ts';

const countOrUnknown = (count: number | null) => (count === null ? 'not known' : formatCount(count));

/** What applying a card would do, before it is confirmed. */
export function formatChangeCard({ changes, warnings, command, undo }: AccountChangeCard): string {
  return [
    ...changes.map(({ text }) => `- ${text}`),
    ...warnings.map((warning) => `Warning: ${warning}`),
    `Runs: ${command}`,
    ...(undo.text === '' ? [] : [undo.text]),
  ].join('\n');
}

/** The bills at the end of the month, and the rule by which they are projected. */
function formatProjected({ before, after }: WhatIf['projected'], currency: string): string[] {
  if (before === null || after === null || after.daysLeft === 0) return [];
  if (!before.known || !after.known) return after.known ? [] : [`No projection: ${after.reason}`];
  const [was, becomes] = [before, after].map(({ invoice }) => formatAmount(invoice.total, invoice.currency));
  const range = `${formatAmount(after.low, currency)} to ${formatAmount(after.high, currency)}`;
  return [`Projected to the end of the month: ${was} → ${becomes}, range ${range}. ${after.basis}`];
}

/** The bill and the names in plain text, side by side, before and after the steps. */
export function formatWhatIf({ name, takenAt, priced, projected, plans, change }: WhatIf): string {
  const { before, after, steps, comparison, plainText } = priced;
  const { currency } = after;
  const amount = (value: typeof after.total) => formatAmount(value, currency);
  return [
    `${name}, ${after.month}, counted at ${formatInstant(takenAt)}. Nothing was changed.`,
    formatTable(
      ['STEP', 'SAVES', 'NAMES IN PLAIN TEXT', 'PER NAME'],
      steps.map(({ label, saving, addedNames, savingPerName }) => [
        label,
        amount(saving),
        addedNames === null ? 'not known' : `${addedNames >= 0 ? '+' : ''}${formatCount(addedNames)}`,
        savingPerName,
      ]),
    ),
    formatTable(
      ['LINE', 'BEFORE', 'AFTER', 'BEFORE', 'AFTER', 'CHANGE'],
      comparison.lines.map((line) => [
        line.label,
        countOrUnknown(line.quantityBefore),
        countOrUnknown(line.quantityAfter),
        line.before === null ? null : amount(line.before),
        line.after === null ? null : amount(line.after),
        amount(line.difference),
      ]),
    ),
    `Bill: ${amount(before.total)} → ${amount(after.total)}`,
    ...formatProjected(projected, currency),
    `Accounts named in plain text: ${countOrUnknown(plainText.before)} → ${countOrUnknown(plainText.after)}`,
    ...plans.map(
      ({ id, label, total, ...plan }) =>
        `Plan ${id} (${label}) for the accounts afterwards: ${formatAmount(total, plan.currency)}`,
    ),
    ...(change === null
      ? []
      : ['To make these changes, add --apply --reason TEXT:', formatChangeCard(change)]),
  ].join('\n');
}
