import type { ProbeResult } from '../../../src-shared/model/tunnels/probe.ts';
import type { Tenant } from '../../../src-shared/model/tenants/remoteNetworks.ts';
import { isSameTarget, targetsOf, type ProbeTarget } from './targets.ts';
import { systemClock } from '../../../src-shared/base/clock.ts';
import { secondMs } from '../../../src-shared/base/time.ts';

/** Minimum time between two listings that are only needed for confirmation **[ours]**. */
const minBetweenMs = secondMs;
/** A Connect without a heartbeat for longer counts as silent by then, and its sessions show it **[ours]**. */
const patienceMs = 25 * secondMs;

/**
 * A connection that was closed or got no answer may be the service's fault, or the whole tunnel may be going down. Only
 * the appliance's next listing distinguishes the two, so such a result waits for it.
 */
export function needsConfirmation({ forward, service }: ProbeResult): boolean {
  if (forward.outcome === 'refused' || forward.outcome === 'silent') return true;
  if (forward.outcome === 'prohibited' || service === null) return false;
  switch (service.outcome) {
    case 'closed':
    case 'silent':
    case 'tls-failed':
    case 'fails':
      return true;
    case 'not-known':
      return service.closedInOrder === false;
    case 'answered':
    case 'asks-log-in':
    case 'wrong-protocol':
    case 'path-not-found':
      return false;
  }
}

/** Silence is the service's own fault only if its Connect has sent a heartbeat since. */
function isSilence({ forward, service }: ProbeResult): boolean {
  return forward.outcome === 'silent' || service?.outcome === 'silent';
}

/** Resolves with whether the tunnel still existed, unchanged, after the result. */
export type Confirm = (applianceId: string, target: ProbeTarget, result: ProbeResult) => Promise<boolean>;

export function createConfirmation(options: {
  tenants: (applianceId: string) => readonly Tenant[];
  /**
   * Asks the appliance again; resolves when the answer has arrived or failed. Rejects if the appliance was removed, or
   * on an internal error.
   */
  observe: (applianceId: string) => Promise<unknown>;
  isConnected: (applianceId: string) => boolean;
}): { confirm: Confirm; close: () => void } {
  type Waiting = {
    target: ProbeTarget;
    result: ProbeResult;
    since: number;
    settle: (isThere: boolean) => void;
  };
  const waiting = new Map<string, Set<Waiting>>();
  const running = new Set<string>();
  const closing = new AbortController();

  const pause = (milliseconds: number) => systemClock.sleep(milliseconds, closing.signal);

  function isStillThere({ target, result, since }: Waiting, now: readonly ProbeTarget[]): boolean | null {
    const same = now.find((candidate) => isSameTarget(candidate, target));
    if (same === undefined) return false;
    const isAlive = same.heartbeat === null || same.heartbeat !== target.heartbeat;
    if (!isSilence(result) || isAlive) return true;
    return performance.now() - since > patienceMs ? false : null;
  }

  async function run(applianceId: string, mine: Set<Waiting>): Promise<void> {
    while (mine.size > 0 && !closing.signal.aborted) {
      const entries = [...mine];
      const before = options.tenants(applianceId);
      await options.observe(applianceId);
      const tenants = options.tenants(applianceId);
      const isNew = tenants !== before && options.isConnected(applianceId);
      const now = isNew ? targetsOf(tenants) : [];
      for (const entry of entries) {
        const isOver = performance.now() - entry.since > patienceMs;
        const settled = isNew ? isStillThere(entry, now) : isOver ? false : null;
        if (settled === null) continue;
        mine.delete(entry);
        entry.settle(settled);
      }
      if (mine.size > 0) await pause(minBetweenMs);
    }
    for (const entry of mine) entry.settle(false);
    mine.clear();
  }

  async function start(applianceId: string, mine: Set<Waiting>): Promise<void> {
    running.add(applianceId);
    try {
      // Results of one burst share a listing; the loop handles those that arrive before it ends.
      do {
        await pause(minBetweenMs / 4);
        await run(applianceId, mine);
      } while (mine.size > 0);
    } finally {
      running.delete(applianceId);
    }
  }

  return {
    confirm: (applianceId, target, result) =>
      new Promise((settle, reject) => {
        if (closing.signal.aborted) {
          settle(false);
          return;
        }
        const mine = waiting.get(applianceId) ?? new Set();
        waiting.set(applianceId, mine);
        mine.add({ target, result, since: performance.now(), settle });
        if (running.has(applianceId)) return;
        start(applianceId, mine).catch((thrown: unknown) => {
          reject(thrown);
          // Without an answer nothing is confirmed, and no result may wait forever.
          for (const entry of mine) entry.settle(false);
          mine.clear();
        });
      }),
    close: () => {
      closing.abort();
      for (const mine of waiting.values()) for (const entry of mine) entry.settle(false);
    },
  };
}
