import { secondMs } from '../../../src-shared/base/time.ts';

/** The appliance's clock, cut to the second, and when it was asked for and when the answer came by this computer's clock. */
export type ClockReading = { clock: number; sentAt: number; receivedAt: number };

/** How far the appliance's clock is ahead of this computer's, and by how much that may be wrong. */
export type MeasuredSkew = { skewMs: number; uncertaintyMs: number };

/** A smaller change is not told from a wrong measurement **[ours]**. */
const minChangeMs = 2 * secondMs;

/** Between sending and receiving, nobody knows when the clock was read: each reading bounds the skew from both sides. */
export function measureSkew(last: ClockReading, earlier: readonly ClockReading[] = []): MeasuredSkew {
  const bounds = [...earlier, last].map(({ clock, sentAt, receivedAt }) => ({
    low: clock * secondMs - receivedAt,
    high: (clock + 1) * secondMs - sentAt,
  }));
  const low = Math.max(...bounds.map((bound) => bound.low));
  const high = Math.min(...bounds.map((bound) => bound.high));
  // One of the clocks was set in between: the last reading counts.
  if (low > high) return measureSkew(last);
  return { skewMs: (low + high) / 2, uncertaintyMs: (high - low) / 2 };
}

/**
 * The skew to use: the one that was used before unless it has clearly changed, so that lines of the same second stay in
 * the order of the files. A skew that can't be told from none is none.
 */
export function chooseSkew(used: number | null, { skewMs, uncertaintyMs }: MeasuredSkew): number {
  if (used !== null && Math.abs(used - skewMs) <= Math.max(minChangeMs, uncertaintyMs)) return used;
  return Math.abs(skewMs) <= uncertaintyMs ? 0 : Math.round(skewMs);
}

/** How far a skew may be off at most, by what was measured, in whole milliseconds; null if nothing was measured. */
export function errorOfSkew(chosen: number, { skewMs, uncertaintyMs }: MeasuredSkew): number | null {
  return Number.isFinite(uncertaintyMs) ? Math.ceil(Math.abs(chosen - skewMs) + uncertaintyMs) : null;
}
