import { growingDelayMs } from '../../src-shared/base/backOff.ts';
import { secondMs } from '../../src-shared/base/time.ts';
/** Longest wait between two attempts, unless the appliance has so many tenants that it asks for a longer one. */
const ceilingMs = 30 * secondMs;
/** Over how long the tenants of an appliance come back after it was away, if it does not say so itself. */
export const defaultSpreadMs = 5 * secondMs;

/**
 * Milliseconds to wait before the next attempt. `failures` counts the failed attempts in a row; 0 means that
 * a working connection was lost. An appliance that restarts loses all its tenants in the same instant, so every wait is
 * spread over its whole length, the first too.
 */
export function reconnectDelay(options: {
  failures: number;
  spreadMs: number;
  random?: () => number;
}): number {
  const { failures, spreadMs, random = Math.random } = options;
  const longest =
    failures === 0
      ? spreadMs
      : growingDelayMs({ failures, firstMs: 1000, maxMs: Math.max(ceilingMs, spreadMs) });
  return Math.round(longest * random());
}
