import { dayMs } from '../../../../src-shared/base/time.ts';
import type { HistoryPoint, UsagePreviewView } from '../../../../src-shared/contract/usage.ts';
import type { UsageSummary } from '../../../../src-shared/model/usage/usageSummary.ts';
import { chartColors, type ChartPoint, type ChartSeries } from '../../../ui/chart/chartSeries.ts';
import { countByConnector } from '../countAccounts.ts';
import { lastDayOf } from '../months.ts';

const others = 'others';
const startOf = (day: string) => Date.parse(`${day}T00:00:00.000Z`);

export type Trend = {
  series: readonly ChartSeries[];
  points: readonly ChartPoint[];
  projected: ChartPoint | null;
};

/** The connectors with most accounts at the end, the largest first; the rest are drawn together. */
function chooseConnectors(last: HistoryPoint): string[] {
  const bySize = last.connectors.toSorted(
    (a, b) => b.total - a.total || a.connector.localeCompare(b.connector),
  );
  const isAll = bySize.length <= chartColors.length;
  const shown = bySize.slice(0, isAll ? bySize.length : chartColors.length - 1);
  return [...shown.map(({ connector }) => connector), ...(isAll ? [] : [others])];
}

function spread(names: readonly string[], at: number, connectors: HistoryPoint['connectors']): ChartPoint {
  const point: ChartPoint = { at };
  for (const name of names) point[name] = 0;
  for (const { connector, total } of connectors) {
    const name = names.includes(connector) ? connector : others;
    point[name] = (point[name] ?? 0) + total;
  }
  return point;
}

const addUp = (connectors: HistoryPoint['connectors'], kind: 'active' | 'total') =>
  connectors.reduce((sum, counts) => sum + counts[kind], 0);

/** Points of the last `days` days before the newest one. */
export function choosePoints(history: readonly HistoryPoint[], days: number): readonly HistoryPoint[] {
  const last = history.at(-1);
  if (last === undefined) return [];
  const from = startOf(last.day) - days * dayMs;
  return history.filter(({ day }) => startOf(day) >= from);
}

/** The counts to expect at the end of the month, as a point of the history. Null without a projection. */
export function projectedPoint({ projection }: Pick<UsagePreviewView, 'projection'>): HistoryPoint | null {
  if (projection === null || !projection.known || projection.daysLeft === 0) return null;
  const { counts }: { counts: UsageSummary } = projection;
  return { day: lastDayOf(counts.month), connectors: countByConnector(counts) };
}

/** Accounts by connector, the largest at the top of the stack. */
export function connectorTrend(history: readonly HistoryPoint[], projected: HistoryPoint | null): Trend {
  const last = history.at(-1);
  if (last === undefined) return { series: [], points: [], projected: null };
  const names = chooseConnectors(last);
  const toPoint = ({ day, connectors }: HistoryPoint) => spread(names, startOf(day), connectors);
  return {
    // The first series is at the bottom.
    series: names
      .map((name, at) => ({ name, label: name, color: chartColors[at] ?? chartColors[0] }))
      .toReversed(),
    points: history.map(toPoint),
    projected: projected === null ? null : toPoint(projected),
  };
}

const countActive = ({ day, connectors }: HistoryPoint): ChartPoint => ({
  at: startOf(day),
  total: addUp(connectors, 'total'),
  active: addUp(connectors, 'active'),
});

/** All accounts, and the active ones of them. */
export function activeTrend(history: readonly HistoryPoint[], projected: HistoryPoint | null): Trend {
  return {
    series: [
      { name: 'total', label: 'all', color: 'var(--c5)' },
      { name: 'active', label: 'active', color: 'var(--c1)' },
    ],
    points: history.map(countActive),
    projected: projected === null ? null : countActive(projected),
  };
}

/** The days under a chart: its first and last one, and the first of each month between them. */
export function chooseTicks(points: readonly ChartPoint[], projected: ChartPoint | null): number[] {
  const first = points[0]?.at;
  const last = projected?.at ?? points.at(-1)?.at;
  if (first === undefined || last === undefined) return [];
  const room = (last - first) / 12;
  const ticks = [first];
  const start = new Date(first);
  for (let month = start.getUTCMonth() + 1; ; month += 1) {
    const at = Date.UTC(start.getUTCFullYear(), month);
    if (at > last - room) break;
    if (at - (ticks.at(-1) ?? 0) >= room) ticks.push(at);
  }
  return last > first ? [...ticks, last] : ticks;
}
