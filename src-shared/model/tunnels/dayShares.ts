import type { Tone } from './tone.ts';
import type { TunnelCode } from './tunnelCodes.ts';
import { availabilityOf, type ToneSpan } from './tunnelHistory.ts';

/** How long a tunnel had each tone in one day of its history, and its faults, the longest first. */
export type DayShare = {
  fromMs: number;
  toMs: number;
  byTone: Record<Tone, number>;
  upMs: number;
  watchedMs: number;
  faults: { code: TunnelCode; durationMs: number }[];
};

/**
 * Divides a history into days. `starts` are the ascending starts of the days. Omits time before the first.
 */
export function shareDays(spans: readonly ToneSpan[], starts: readonly number[]): DayShare[] {
  const endMs = spans.at(-1)?.toMs ?? 0;
  return starts.map((fromMs, index) => {
    const toMs = starts[index + 1] ?? endMs;
    const inside = spans.flatMap((span) => {
      const durationMs = Math.min(span.toMs, toMs) - Math.max(span.fromMs, fromMs);
      return durationMs > 0 ? [{ ...span, durationMs }] : [];
    });
    const day: DayShare = {
      fromMs,
      toMs,
      byTone: { ok: 0, warn: 0, bad: 0, off: 0, unknown: 0 },
      upMs: 0,
      watchedMs: 0,
      faults: [],
    };
    for (const { tone, code, durationMs } of inside) {
      day.byTone[tone] += durationMs;
      const availability = code === null ? 'unknown' : availabilityOf({ tone, code });
      if (availability === 'up') day.upMs += durationMs;
      if (availability === 'up' || availability === 'down') day.watchedMs += durationMs;
    }
    day.faults = sumFaults(
      inside.flatMap(({ tone, code, durationMs }) =>
        code !== null && availabilityOf({ tone, code }) === 'down' ? [{ code, durationMs }] : [],
      ),
    );
    return day;
  });
}

/** The total duration of each fault, the longest first. */
export function sumFaults(faults: DayShare['faults']): DayShare['faults'] {
  const totals = new Map<TunnelCode, number>();
  for (const { code, durationMs } of faults) totals.set(code, (totals.get(code) ?? 0) + durationMs);
  return [...totals]
    .map(([code, durationMs]) => ({ code, durationMs }))
    .sort((a, b) => b.durationMs - a.durationMs);
}
