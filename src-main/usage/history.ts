import type { HistoryPoint } from '../../src-shared/contract/usage.ts';
import { countUnits } from '../../src-shared/model/billing/selection.ts';
import type { UsageSummary } from '../../src-shared/model/usage/usageSummary.ts';
import { isOfItsMonth, type KeptCounts } from './keptCounts.ts';

function lastDayOf(month: string): string {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number, 0)).toISOString().slice(0, 10);
}

const dayOf = (summary: UsageSummary) =>
  isOfItsMonth(summary) ? summary.takenAt.slice(0, 10) : lastDayOf(summary.month);

const count = (summary: UsageSummary, connector: string, activity: 'active' | 'total') =>
  countUnits(summary, { unit: 'account', activity, role: 'all', internal: 'all', connectors: [connector] })
    .count ?? 0;

/** One point for each day with kept counts, oldest first. Counts from later than their month stand for its last day. */
export function listHistory(kept: readonly KeptCounts[]): HistoryPoint[] {
  const byDay = new Map<string, UsageSummary>();
  for (const { summary } of kept) {
    const day = dayOf(summary);
    const known = byDay.get(day);
    if (known === undefined || !isOfItsMonth(known)) byDay.set(day, summary);
  }
  return [...byDay]
    .toSorted(([first], [second]) => first.localeCompare(second))
    .map(([day, summary]) => ({
      day,
      connectors: summary.connectors.map(({ connector }) => ({
        connector,
        active: count(summary, connector, 'active'),
        total: count(summary, connector, 'total'),
      })),
    }));
}
