import type { QueryClock } from '../../../../src-shared/model/syslog/query/queryTime.ts';
import { readQueryTime } from '../../../../src-shared/model/syslog/query/queryTime.ts';

/** Epoch milliseconds, both included; null is open. */
export type TimeRange = { from: number | null; to: number | null };

/** The ranges of the menu, in the words of the query language. Empty: everything that is kept. */
export const usualRanges = [
  { range: '', text: 'All that is kept' },
  { range: '-15m', text: 'Last 15 minutes' },
  { range: '-1h', text: 'Last hour' },
  { range: '-6h', text: 'Last 6 hours' },
  { range: '-24h', text: 'Last 24 hours' },
  { range: '-7d', text: 'Last 7 days' },
  { range: 'today', text: 'Today' },
  { range: 'yesterday', text: 'Yesterday' },
] as const;

/** The times of a range. A range that goes on has no end, so that new lines belong to it. */
export function readRange(range: string, clock: QueryClock): TimeRange {
  const span = range === '' ? null : readQueryTime(range, clock);
  if (span === null) return { from: null, to: null };
  return { from: span.start, to: span.isAgo || span.end > clock.now ? null : span.end - 1 };
}

/** A range that was selected in the histogram, as the address has it. */
export function writeSpan({ from, to }: { from: number; to: number }): string {
  return `${Math.round(from)}..${Math.round(to)}`;
}

export function readSpan(text: string): { from: number; to: number } | null {
  const [, from, to] = /^(\d{1,15})\.\.(\d{1,15})$/u.exec(text) ?? [];
  return from === undefined || Number(from) > Number(to) ? null : { from: Number(from), to: Number(to) };
}
