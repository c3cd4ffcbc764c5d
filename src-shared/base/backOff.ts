import { secondMs } from './time.ts';
/** Grows with the failures in a row: `firstMs` after none, doubled by each, at most `maxMs`. */
export function growingDelayMs(options: { failures: number; firstMs: number; maxMs: number }): number {
  return Math.min(options.maxMs, options.firstMs * 2 ** Math.min(options.failures, 16));
}

/** Bounds of the wait between two attempts, milliseconds **[ours]**. */
export const minDelayMs = 1000;
export const maxDelayMs = 30 * secondMs;

/**
 * Milliseconds to wait after the `attempt`-th failure in a row (1 and up): exponential with full jitter, so that a hundred
 * links that were cut together don't come back together. `random` gives 0 to 1.
 */
export function backOffMs(attempt: number, random: () => number): number {
  const ceiling = growingDelayMs({ failures: attempt, firstMs: minDelayMs, maxMs: maxDelayMs });
  return Math.round(minDelayMs + random() * (ceiling - minDelayMs));
}
