import { dayMs, minuteMs, secondMs } from '../../../../src-shared/base/time.ts';
import { formatLineTime } from '../../../ui/feedback/Moment.tsx';
import type { Span, SpanCount } from './bars.ts';

const wholeNumber = new Intl.NumberFormat('en-US');
const dateLength = 'MM-DD '.length;

const timeText = (at: number, digits: number): string => formatLineTime(new Date(at).toISOString(), digits);

const countText = (count: number, unit: string): string =>
  `${wholeNumber.format(count)} ${unit}${count === 1 ? '' : 's'}`;

/** `11-20 03:05:00 – 03:16:00, 188 lines, 41 errors`. Spans of less than ten seconds have milliseconds. */
export function describeSpan({ from, to }: Span, count: SpanCount | null): string {
  const digits = to - from < 10 * secondMs ? 3 : 0;
  const [start, end] = [timeText(from, digits), timeText(to, digits)];
  const isSameDay = start.slice(0, dateLength) === end.slice(0, dateLength);
  const times = `${start} – ${isSameDay ? end.slice(dateLength) : end}`;
  if (count === null) return times;
  return `${times}, ${countText(count.lines, 'line')}, ${countText(count.errors, 'error')}`;
}

/** `03:15`, or `11-20` at midnight. The first label of a scale has both, so that its day is known. */
export function describeTick({ at, stepMs }: { at: number; stepMs: number }, isFirst: boolean): string {
  const text = timeText(at, 0);
  const [date, time] = [text.slice(0, dateLength - 1), text.slice(dateLength)];
  if (stepMs >= dayMs || (time === '00:00:00' && !isFirst)) return date;
  const shown = stepMs < minuteMs ? time : time.slice(0, 'HH:MM'.length);
  return isFirst ? `${date} ${shown}` : shown;
}
