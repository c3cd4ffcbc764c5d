import type { Clock } from '../../src-shared/base/clock.ts';
import { secondMs } from '../../src-shared/base/time.ts';

/** The keys of an appliance's tunnels and whether each answers. Null if the appliance does not answer. */
export type TunnelLook = ReadonlyMap<string, boolean> | null;

export type WatchResult = { hasPassed: boolean; note: string };

/** A tunnel that is found down in one look may just be reconnecting. */
const maxLostLooks = 2;

/** How many lost tunnels a note names **[ours]**. */
const maxNamed = 20;

function listTunnels(keys: readonly string[]): string {
  const more = keys.length - maxNamed;
  return `${keys.slice(0, maxNamed).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

const answers = (look: TunnelLook, key: string) => look?.get(key) === true;

/**
 * Looks at the tunnels of the canary for `seconds`. Fails if one that answered `before` does not in two looks in a row, or
 * in the last one. Ends early, without a failure, when `signal` aborts. Never rejects if `look` does not.
 */
export async function watchCanary(options: {
  before: readonly string[];
  look: () => Promise<TunnelLook>;
  seconds: number;
  everyMs: number;
  clock: Clock;
  signal: AbortSignal;
}): Promise<WatchResult> {
  const { before, look, seconds, everyMs, clock, signal } = options;
  const endsAt = clock.now() + seconds * secondMs;
  let lostLooks = 0;
  let lost: string[] = [];
  for (;;) {
    const seen = await look();
    lost = before.filter((key) => !answers(seen, key));
    lostLooks = lost.length > 0 ? lostLooks + 1 : 0;
    if (lostLooks >= maxLostLooks) break;
    const leftMs = endsAt - clock.now();
    if (leftMs <= 0) break;
    await clock.sleep(Math.min(everyMs, leftMs), signal);
    if (signal.aborted) return { hasPassed: true, note: 'The watch was ended early.' };
  }
  const total = before.length;
  if (lost.length > 0)
    return {
      hasPassed: false,
      note: `${lost.length} of ${total} tunnels stopped answering: ${listTunnels(lost)}.`,
    };
  return { hasPassed: true, note: `${total} of ${total} tunnels kept answering.` };
}
