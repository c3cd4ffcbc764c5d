import { growingDelayMs } from '../../src-shared/base/backOff.ts';
import { secondMs } from '../../src-shared/base/time.ts';
/**
 * Maximum delay between two attempts. If the appliance has many tenants, it may ask for a longer delay.
 */
const maxDelayMs = 30 * secondMs;
/**
 * After an outage of the appliance, tenants reconnect spread over this time, unless the appliance asks for
 * another.
 */
export const defaultSpreadMs = 5 * secondMs;

/**
 * Milliseconds to wait before the next attempt. `failures` counts failed attempts in a row; 0 after a lost
 * connection. The delay is random from 0 to its maximum, also the first one, because a restart of the
 * appliance disconnects all tenants at once.
 */
export function reconnectDelay(options: {
  failures: number;
  spreadMs: number;
  random?: () => number;
}): number {
  const { failures, spreadMs, random = Math.random } = options;
  const maxWaitMs =
    failures === 0
      ? spreadMs
      : growingDelayMs({ failures, firstMs: 1000, maxMs: Math.max(maxDelayMs, spreadMs) });
  return Math.round(maxWaitMs * random());
}
