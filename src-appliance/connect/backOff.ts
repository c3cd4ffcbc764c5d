import { growingDelayMs } from '../../src-shared/base/backOff.ts';
import { secondMs } from '../../src-shared/base/time.ts';
/** Longest delay between two attempts, unless the appliance requests a longer one for its many tenants. */
const ceilingMs = 30 * secondMs;
/** The period over which tenants reconnect after an outage of the appliance, if it does not announce one. */
export const defaultSpreadMs = 5 * secondMs;

/**
 * Milliseconds to wait before the next attempt. `failures` counts failed attempts in a row; 0 means that a working
 * connection was lost. A restart of the appliance disconnects all tenants at once, so every delay, including the first,
 * is spread over its whole length.
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
