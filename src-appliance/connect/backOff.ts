/**
 * Milliseconds to wait before the next attempt, `failures` (≥ 1) in a row behind us: doubling, never above half a minute,
 * and spread over the upper half, so that tenants cut off together do not come back together.
 */
export function reconnectDelay(failures: number, random: () => number = Math.random): number {
  const ceiling = Math.min(30_000, 1000 * 2 ** Math.min(failures - 1, 10));
  return Math.round(ceiling * (0.5 + random() / 2));
}
