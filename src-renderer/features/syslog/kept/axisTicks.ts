import { dayMs, hourMs, minuteMs, secondMs } from '../../../../src-shared/base/time.ts';

const labelSpacePx = 100;

/** Between two labels: round times only. Days are counted from 1970, so that labels stay when the range moves. */
const steps = [
  ...[1, 5, 10, 30].map((seconds) => seconds * secondMs),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * minuteMs),
  ...[1, 3, 6].map((hours) => hours * hourMs),
  ...[1, 2, 7, 14, 28, 91, 364].map((days) => days * dayMs),
];

/** The round local times from `from` to `to`, at least 100 px apart on a scale of `widthPx` pixels. */
export function findTicks({
  from,
  to,
  widthPx,
}: {
  from: number;
  to: number;
  widthPx: number;
}): { at: number; stepMs: number }[] {
  if (to <= from || widthPx <= 0) return [];
  const stepMs = steps.find((step) => (step / (to - from)) * widthPx >= labelSpacePx);
  if (stepMs === undefined) return [];
  const found = stepMs < dayMs ? findTimes(from, to, stepMs) : findDays(from, to, stepMs / dayMs);
  return found.filter((at) => at >= from && at <= to).map((at) => ({ at, stepMs }));
}

/** Multiples of `stepMs` since midnight, as clocks show them: a clock that is set back shows some twice. */
function findTimes(from: number, to: number, stepMs: number): number[] {
  const isRound = (at: number): boolean => {
    const date = new Date(at);
    const sinceMidnight =
      date.getHours() * hourMs + date.getMinutes() * minuteMs + date.getSeconds() * secondMs;
    return sinceMidnight % stepMs === 0;
  };
  // Zones differ by whole quarters of an hour, so that no round time is between two of these.
  const grid = Math.min(stepMs, stepMs < 15 * minuteMs ? minuteMs : 15 * minuteMs);
  const first = Math.ceil(from / grid) * grid;
  const count = Math.max(0, Math.floor((to - first) / grid) + 1);
  return Array.from({ length: count }, (_, index) => first + index * grid).filter(isRound);
}

/** Local midnights of every `days`th day. */
function findDays(from: number, to: number, days: number): number[] {
  const start = new Date(from);
  const count = Math.ceil((to - from) / dayMs) + 1;
  return Array.from(
    { length: count },
    (_, index) => new Date(start.getFullYear(), start.getMonth(), start.getDate() + index),
  )
    .filter((date) => (Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / dayMs) % days === 0)
    .map((date) => date.getTime());
}
