import { z } from 'zod';
import { dayMs } from '../../base/time.ts';
import type { UsageSummary } from '../usage/usageSummary.ts';
import type { LineChange } from './compareInvoices.ts';
import { amountSchema, type Amount, type Invoice } from './invoice.ts';
import { findGrowthBurst, growthBurstSchema } from './growthBurst.ts';
import { decimal, decimalOf, divideRounded } from './rounding.ts';
import { countUnits, type Selection } from './selection.ts';

/**
 * How the units behind an invoice line changed in one connector. `expected`: at the end of the month; null without a
 * projection. `amount`: its part of the line’s effect of quantity; null if that can’t be told from the other connectors.
 */
export const connectorChangeSchema = z.object({
  connector: z.string(),
  before: z.int(),
  now: z.int(),
  expected: z.int().nullable(),
  amount: amountSchema.nullable(),
  /** The few days on which most of a rise happened; null if kept counts show none. */
  burst: growthBurstSchema.nullable(),
});
export type ConnectorChange = z.infer<typeof connectorChangeSchema>;

/** `days`: kept counts of the days between `before` and `now`, oldest first. */
type Counts = {
  before: UsageSummary;
  now: UsageSummary;
  expected: UsageSummary | null;
  days: readonly UsageSummary[];
};

const movedOf = ({ before, now, expected }: Pick<ConnectorChange, 'before' | 'now' | 'expected'>) =>
  (expected ?? now) - before;

/** Splits `effect` in proportion to `moved`. The rounded parts add up to it. */
function splitEffect(effect: Amount, moved: readonly number[], digits: number): (Amount | null)[] {
  const all = moved.reduce((sum, count) => sum + count, 0);
  if (!effect.known || all === 0) return moved.map(() => null);
  let count = 0;
  let sum = decimal(0n);
  return moved.map((added) => {
    count += added;
    const upToHere = divideRounded(decimal(effect.value).times(decimalOf(count)), decimalOf(all), {
      rule: 'half-up',
      digits,
    });
    const part = upToHere.minus(sum);
    sum = upToHere;
    return { known: true, value: part.toFixed(digits) };
  });
}

/** The burst of a rise from the end of the month before until now. */
function findBurst({ before, now, days }: Counts, selection: Selection) {
  const lastDay = new Date(Date.parse(`${now.month}-01T00:00:00.000Z`) - dayMs).toISOString().slice(0, 10);
  const counted = [...days, now].flatMap((summary) => {
    const { count } = countUnits(summary, selection);
    return count === null ? [] : [{ day: summary.takenAt.slice(0, 10), count }];
  });
  const { count } = countUnits(before, selection);
  const byDay = new Map(
    [...(count === null ? [] : [{ day: lastDay, count }]), ...counted].map((point) => [point.day, point]),
  );
  return findGrowthBurst([...byDay.values()]);
}

/** The connectors whose units changed behind a line, the largest change first. Empty if the counts can’t tell. */
export function findConnectorChanges(
  counts: Counts,
  { line, selection }: { line: LineChange; selection: Selection | null },
  { digits }: Pick<Invoice, 'digits'>,
): ConnectorChange[] {
  if (selection === null || selection.unit === 'connector') return [];
  const { before, now, expected } = counts;
  const names = new Set(
    [before, now, expected].flatMap((summary) => summary?.connectors.map(({ connector }) => connector) ?? []),
  );
  const count = (summary: UsageSummary, connector: string) =>
    countUnits(summary, { ...selection, connectors: [connector] }).count;
  const changes = [...names].flatMap((connector) => {
    if (selection.connectors?.includes(connector) === false) return [];
    const [first, second] = [count(before, connector), count(now, connector)];
    const third = expected === null ? null : count(expected, connector);
    if (first === null || second === null) return [];
    return [{ connector, before: first, now: second, expected: third }];
  });
  const changed = changes
    .filter((change) => movedOf(change) !== 0)
    .toSorted(
      (a, b) => Math.abs(movedOf(b)) - Math.abs(movedOf(a)) || a.connector.localeCompare(b.connector),
    );
  const moved = changed.map(movedOf);
  const inLine = (line.quantityAfter ?? 0) - (line.quantityBefore ?? 0);
  const isWhole = selection.unit === 'account' && moved.reduce((sum, added) => sum + added, 0) === inLine;
  const parts = isWhole ? splitEffect(line.quantity, moved, digits) : moved.map(() => null);
  return changed.map((change, index) => ({
    ...change,
    amount: parts[index] ?? null,
    burst: findBurst(counts, { ...selection, connectors: [change.connector] }),
  }));
}
