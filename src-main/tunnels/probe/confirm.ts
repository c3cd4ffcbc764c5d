import type { ProbeResult } from '../../../src-shared/model/tunnels/probe.ts';
import type { Tenant } from '../../../src-shared/model/tenants/remoteNetworks.ts';
import { isSameTarget, listTargets, type ProbeTarget } from './targets.ts';
import { systemClock } from '../../../src-shared/base/clock.ts';
import { secondMs } from '../../../src-shared/base/time.ts';

/** Minimum time between two lists that are only requested to confirm results **[ours]**. */
const minBetweenMs = secondMs;
/** After this time without a heartbeat, the appliance marks the session as silent **[ours]**. */
const maxWaitMs = 25 * secondMs;
/** After this time, Connect has reported a failed connection even if it reports many **[ours]**. */
const maxReportMs = 3 * secondMs;

/**
 * Whether a result must be confirmed. A closed or silent connection may be the service's fault, or the whole
 * tunnel may be ending. Only the appliance's next list of tunnels shows which.
 */
export function needsConfirmation({ forward, service }: ProbeResult): boolean {
  if (forward.outcome === 'refused' || forward.outcome === 'silent' || forward.outcome === 'large-lost')
    return true;
  if (forward.outcome === 'prohibited' || service === null) return false;
  switch (service.outcome) {
    case 'closed':
    case 'silent':
    case 'large-lost':
    case 'tls-failed':
    case 'fails':
      return true;
    case 'not-known':
      return service.closedInOrder === false || service.endedAfterMs !== undefined;
    case 'answered':
    case 'asks-log-in':
    case 'wrong-protocol':
    case 'path-not-found':
      return false;
  }
}

/**
 * Whether the service did not answer. This counts only if Connect sends a heartbeat between two lists after the
 * test: otherwise the whole tunnel may be dead.
 */
function isSilent({ forward, service }: ProbeResult): boolean {
  return forward.outcome === 'silent' || forward.outcome === 'large-lost' || service?.outcome === 'silent';
}

/**
 * Whether Connect may still report why the connection was closed. It delays the reports about a port that fails
 * often.
 */
function mayLackReport(target: ProbeTarget, { service }: ProbeResult): boolean {
  return service?.outcome === 'closed' && target.failedAt != null;
}

/** Whether the request may still wait in a stalled session, so that it says nothing about the service. */
const isUnanswered = ({ service }: ProbeResult) =>
  service?.outcome === 'silent' || (service?.outcome === 'not-known' && service.closedInOrder === false);

/** Whether the result means something else if the session is stalled. */
const dependsOnSending = (result: ProbeResult) =>
  result.forward.outcome === 'large-lost' || isUnanswered(result);

/** The tunnel after a result, as a later list shows it. */
export type Confirmed = Pick<ProbeTarget, 'sending'>;

/** Resolves with the same tunnel after the result, or with null if no list showed it, or not as alive. */
export type Confirm = (
  applianceId: string,
  target: ProbeTarget,
  result: ProbeResult,
) => Promise<Confirmed | null>;

/** The result as far as the list after it proves it. Null if it proves nothing about the tunnel. */
export function proveResult(result: ProbeResult, { sending = 'unknown' }: Confirmed): ProbeResult | null {
  const { forward } = result;
  if (forward.outcome !== 'large-lost') return isUnanswered(result) && sending === 'stalled' ? null : result;
  if (sending === 'pending' || sending === 'unknown') return null;
  if (sending === 'stalled') return result;
  // The session is well, so only the service stopped answering.
  const { milliseconds, openMilliseconds } = forward;
  return {
    ...result,
    forward: { outcome: 'opened', milliseconds: openMilliseconds },
    service: { outcome: 'silent', milliseconds, stage: 'protocol' },
  };
}

export function createConfirmation(options: {
  tenants: (applianceId: string) => readonly Tenant[];
  /**
   * Asks the appliance for a new list. Resolves when the answer has arrived or failed. Rejects if the
   * appliance was removed, or on an internal error.
   */
  observe: (applianceId: string) => Promise<unknown>;
  isConnected: (applianceId: string) => boolean;
}): { confirm: Confirm; close: () => void } {
  type Waiting = {
    target: ProbeTarget;
    result: ProbeResult;
    since: number;
    /** The tunnel in the first list after the result. */
    first: ProbeTarget | null;
    resolve: (confirmed: Confirmed | null) => void;
  };
  const waiting = new Map<string, Set<Waiting>>();
  const running = new Set<string>();
  const closing = new AbortController();

  const pause = (milliseconds: number) => systemClock.sleep(milliseconds, closing.signal);

  /** Undefined if a later list may show more. */
  function settle(entry: Waiting, now: readonly ProbeTarget[]): Confirmed | null | undefined {
    const { target, result, since } = entry;
    const same = now.find((candidate) => isSameTarget(candidate, target));
    if (same === undefined) return null;
    entry.first ??= same;
    // A heartbeat in the first list may be from before the service became silent.
    const isAlive = same.heartbeat === null || same.heartbeat !== entry.first.heartbeat;
    const lacksReport = mayLackReport(target, result) && same.failedAt === target.failedAt;
    if (lacksReport && performance.now() - since < maxReportMs) return undefined;
    const isOver = performance.now() - since > maxWaitMs;
    if (isSilent(result) && !isAlive) return isOver ? null : undefined;
    return dependsOnSending(result) && same.sending === 'pending' && !isOver ? undefined : same;
  }

  async function run(applianceId: string, mine: Set<Waiting>): Promise<void> {
    while (mine.size > 0 && !closing.signal.aborted) {
      const entries = [...mine];
      const before = options.tenants(applianceId);
      await options.observe(applianceId);
      const tenants = options.tenants(applianceId);
      const isNew = tenants !== before && options.isConnected(applianceId);
      const now = isNew ? listTargets(tenants) : [];
      for (const entry of entries) {
        const isOver = performance.now() - entry.since > maxWaitMs;
        const settled = isNew ? settle(entry, now) : isOver ? null : undefined;
        if (settled === undefined) continue;
        mine.delete(entry);
        entry.resolve(settled);
      }
      if (mine.size > 0) await pause(minBetweenMs);
    }
    for (const entry of mine) entry.resolve(null);
    mine.clear();
  }

  async function start(applianceId: string, mine: Set<Waiting>): Promise<void> {
    running.add(applianceId);
    try {
      // Results that arrive together share one list. The loop also handles results that arrive while the list
      // is requested.
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
      new Promise((resolve, reject) => {
        if (closing.signal.aborted) {
          resolve(null);
          return;
        }
        const mine = waiting.get(applianceId) ?? new Set();
        waiting.set(applianceId, mine);
        mine.add({ target, result, since: performance.now(), first: null, resolve });
        if (running.has(applianceId)) return;
        start(applianceId, mine).catch((thrown: unknown) => {
          reject(thrown);
          // No list arrives after an error, so no result can be confirmed. Settle them, so that no caller
          // waits forever.
          for (const entry of mine) entry.resolve(null);
          mine.clear();
        });
      }),
    close: () => {
      closing.abort();
      for (const mine of waiting.values()) for (const entry of mine) entry.resolve(null);
    },
  };
}
