/** Most that one waits between two attempts, unless the appliance has so many tenants that it asks for more. */
const ceilingMs = 30_000;
/** Over how long the tenants of an appliance come back after it was away, where it does not say itself. */
export const defaultSpreadMs = 5_000;

/**
 * Milliseconds to wait before the next attempt. `failures` counts the attempts in a row that came to nothing; 0 is for
 * a connection that had worked and was lost. An appliance that restarts loses all its tenants in the same instant, so
 * every wait is spread over its whole length, the first one too: what matters is that they do not come together, not
 * that each waits at least so long.
 */
export function reconnectDelay(options: {
  failures: number;
  spreadMs: number;
  random?: () => number;
}): number {
  const { failures, spreadMs, random = Math.random } = options;
  const longest =
    failures === 0 ? spreadMs : Math.min(Math.max(ceilingMs, spreadMs), 1000 * 2 ** Math.min(failures, 10));
  return Math.round(longest * random());
}
