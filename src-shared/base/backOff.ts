import { secondMs } from './time.ts';
/** The delay doubles with each failure in a row: `firstMs` at first, `maxMs` at most. */
export function growingDelayMs(options: { failures: number; firstMs: number; maxMs: number }): number {
  return Math.min(options.maxMs, options.firstMs * 2 ** Math.min(options.failures, 16));
}

/** Limits of the delay between two attempts, milliseconds **[ours]**. */
export const minDelayMs = 1000;
export const maxDelayMs = 30 * secondMs;

/**
 * Milliseconds to wait after the `attempt`-th failure in a row (from 1): exponential, with a random share, so that a
 * hundred links that were cut together don't reconnect together. `random` returns 0 to 1.
 */
export function backOffMs(attempt: number, random: () => number): number {
  const ceiling = growingDelayMs({ failures: attempt, firstMs: minDelayMs, maxMs: maxDelayMs });
  return Math.round(minDelayMs + random() * (ceiling - minDelayMs));
}
