import type { LogHistogram } from '../../../../src-shared/contract/logs.ts';
import { severities } from '../../../../src-shared/model/syslog/syslogLine.ts';

/** Each bar has the eight severities and then lines without one. */
const perBar = severities.length + 1;
const firstWarning = severities.indexOf('warning');

export type Bar = { from: number; to: number; errors: number; warnings: number; others: number };

/** The bars of a histogram. The last one ends with the range; the others end before the next one begins. */
export function readBars({ from, to, bars, counts }: LogHistogram): Bar[] {
  const width = (to - from) / bars || 1;
  const sum = (start: number, end: number) =>
    counts.slice(start, end).reduce((total, count) => total + count, 0);
  return Array.from({ length: bars }, (_, index) => {
    const at = index * perBar;
    return {
      from: from + index * width,
      to: index === bars - 1 ? to : from + (index + 1) * width - 1,
      errors: sum(at, at + firstWarning),
      warnings: sum(at + firstWarning, at + firstWarning + 1),
      others: sum(at + firstWarning + 1, at + perBar),
    };
  });
}

export const countOf = ({ errors, warnings, others }: Bar): number => errors + warnings + others;

/** Epoch milliseconds, both included. */
export type Span = { from: number; to: number };
export type SpanCount = { lines: number; errors: number };

/** What bars hold together. */
export function sumBars(bars: readonly Bar[]): SpanCount {
  return {
    lines: bars.reduce((total, bar) => total + countOf(bar), 0),
    errors: bars.reduce((total, { errors }) => total + errors, 0),
  };
}

/** What is in a span; null if it begins or ends within a bar, so that the bars can't say. */
export function countWithin(bars: readonly Bar[], { from, to }: Span): SpanCount | null {
  const first = bars.findIndex((bar) => bar.from === from);
  const last = bars.findIndex((bar) => bar.to === to);
  return first === -1 || last === -1 ? null : sumBars(bars.slice(first, last + 1));
}

/** Where a span is on the scale of the bars, as parts of its length; null if no part of it is there. */
export function placeSpan(scale: Span, span: Span): { start: number; end: number } | null {
  const length = scale.to - scale.from;
  if (length <= 0 || span.to < scale.from || span.from > scale.to) return null;
  const partOf = (at: number): number => Math.min(1, Math.max(0, (at - scale.from) / length));
  return { start: partOf(span.from), end: partOf(span.to) };
}
