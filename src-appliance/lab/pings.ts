import { minuteMs } from '../../src-shared/base/time.ts';
import type { Appliance } from '../core/appliance.ts';
import { pingWhenDue } from '../core/licence/scheduledPing.ts';

/** Sends licence pings as the kit's own schedule does. Returns a function that stops it. */
export function startPings(appliance: Appliance): () => void {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const again = (waitMs: number): void => {
    if (!isStopped) timer = setTimeout(next, waitMs);
  };
  const next = (): void => {
    pingWhenDue(appliance, { random: Math.random }).then(
      ({ waitMs }) => again(waitMs),
      () => again(minuteMs),
    );
  };
  next();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}
