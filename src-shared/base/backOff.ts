/** Bounds of the wait between two attempts, milliseconds **[ours]**. */
export const minDelayMs = 1000;
export const maxDelayMs = 30_000;

/**
 * Milliseconds to wait after the `attempt`-th failure in a row (1 and up): exponential with full jitter, so that a hundred
 * links that were cut together don't come back together. `random` gives 0 to 1.
 */
export function backOffMs(attempt: number, random: () => number): number {
  const ceiling = Math.min(maxDelayMs, minDelayMs * 2 ** Math.min(attempt, 10));
  return Math.round(minDelayMs + random() * (ceiling - minDelayMs));
}
