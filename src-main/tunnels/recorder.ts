import { randomUUID } from 'node:crypto';
import { staleAfterMs } from '../../src-shared/model/tunnels/observedLayers.ts';
import { hasPort } from '../../src-shared/model/tenants/ports.ts';
import { latencyOf } from '../../src-shared/model/tunnels/portRow.ts';
import type { ProbeResult } from '../../src-shared/model/tunnels/probe.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Log } from '../base/log.ts';
import type { Prober } from './probe/prober.ts';
import type { History } from './history.ts';
import type { Known, PlacedChange } from './knownStates.ts';
import { placeKey } from './tunnelRef.ts';
import type { ApplianceRows, TenantRows } from './tenantRows.ts';
import { observedStates, stateOfMissing, tenantPort, type ObservedState } from './tunnelStates.ts';
import { hourMs, secondMs } from '../../src-shared/base/time.ts';

/** The three answers of one round arrive within this time and are recorded together. */
const batchMs = 250;
/** Thousands of ports are probed within a minute, and each event makes watchers read all of them. */
const tellEveryMs = secondMs;
const pruneEveryMs = hourMs;

type Span = { id: string; fromMs: number; toMs: number };

export type Recorder = {
  /** While held, answers become history, and the time counts as watched. */
  hold: () => () => void;
  isHeld: () => boolean;
  /** The present state of each tunnel, by `placeKey`. */
  known: (applianceId: string) => ReadonlyMap<string, Known>;
  close: () => void;
};

/**
 * Records changes of tunnels from the regular answers. While an appliance does not answer, it does not count as
 * watched, so that a fault of its link never counts as a fault of its tunnels.
 */
export function createRecorder(options: {
  inventory: Pick<Inventory, 'list'>;
  fleet: Pick<Fleet, 'networks' | 'onObserved'>;
  prober: Pick<Prober, 'onResults'>;
  tenantRows: TenantRows;
  history: History;
  clock: () => number;
  log: Log;
  /** There is new history of these appliances. */
  onRecorded: (applianceIds: readonly string[]) => void;
  /** There are new probe results. */
  onProbed: () => void;
}): Recorder {
  const { inventory, fleet, history, clock, log } = options;
  const known = new Map<string, ReadonlyMap<string, Known>>();
  const spans = new Map<string, Span>();
  const waiting = new Set<string>();
  const holds = new Set<symbol>();
  /** Earlier answers were stored by another console, or received while none watched. */
  let heldFromMs = 0;
  let timer: NodeJS.Timeout | null = null;
  let telling: NodeJS.Timeout | null = null;
  let prunedAt = Number.NEGATIVE_INFINITY;

  function knownOf(applianceId: string): ReadonlyMap<string, Known> {
    const before = known.get(applianceId);
    if (before !== undefined) return before;
    const read = history.known(applianceId);
    known.set(applianceId, read);
    return read;
  }

  function watch(applianceId: string, observedAtMs: number): void {
    const before = spans.get(applianceId);
    // Probe results come several times per second between two answers and don't extend the watch.
    if (before?.toMs === observedAtMs) return;
    // An answer is valid for a while. If the computer slept for longer, it did not watch.
    const goesOn =
      before !== undefined && observedAtMs >= before.toMs && observedAtMs - before.toMs <= staleAfterMs;
    const span = goesOn
      ? { ...before, toMs: observedAtMs }
      : { id: randomUUID(), fromMs: observedAtMs, toMs: observedAtMs };
    history.watched({ ...span, applianceId });
    spans.set(applianceId, span);
  }

  function changesOf(appliance: ApplianceRows, observedAtMs: number): Omit<PlacedChange, 'dropped'>[] {
    const held = knownOf(appliance.entry.id);
    const states = observedStates(appliance.views);
    const seen = new Set(states.map(placeKey));
    const tenants = new Map(
      states.filter((state) => state.port === tenantPort).map((state) => [state.clientId, state]),
    );
    const missing = [...held.values()]
      .filter((one) => !seen.has(placeKey(one)) && one.tone !== 'off')
      .map(({ clientId, port }) => stateOfMissing({ clientId, port }, tenants.get(clientId)));
    return [...states, ...missing]
      .filter((one) => {
        const before = held.get(placeKey(one));
        return before === undefined || before.tone !== one.tone || before.code !== one.code;
      })
      .map((one) => ({
        clientId: one.clientId,
        port: one.port,
        tone: one.tone,
        code: one.code,
        reason: one.reason,
        atMs: beganAt(one, held.get(placeKey(one)), observedAtMs),
      }));
  }

  /** Returns whether there was news. */
  function record(applianceId: string): boolean {
    const entry = inventory.list().find((one) => one.id === applianceId);
    if (entry === undefined) {
      known.delete(applianceId);
      spans.delete(applianceId);
      return false;
    }
    const appliance = options.tenantRows.appliance(entry);
    const { observedAtMs } = appliance;
    if (!appliance.isFresh || observedAtMs === null || observedAtMs < heldFromMs) return false;
    const changes = changesOf(appliance, observedAtMs);
    let isNew = false;
    if (changes.length > 0) {
      const recorded = history.record({ applianceId, observedAtMs, changes });
      known.set(applianceId, new Map([...knownOf(applianceId), ...recorded.known]));
      isNew = recorded.written.length > 0;
    }
    watch(applianceId, observedAtMs);
    return isNew;
  }

  /** Called by timers, so a failing listener must not end the console. */
  function tell(listener: () => void): void {
    try {
      listener();
    } catch (thrown) {
      log.error({ err: thrown }, 'tunnel history not told');
    }
  }

  function flush(): void {
    timer = null;
    const ids = [...waiting];
    waiting.clear();
    if (holds.size === 0) return;
    const news: string[] = [];
    for (const id of ids) {
      try {
        if (record(id)) news.push(id);
      } catch (thrown) {
        log.error({ err: thrown, applianceId: id }, 'tunnel history not written');
      }
    }
    if (news.length > 0) tell(() => options.onRecorded(news));
    if (clock() - prunedAt < pruneEveryMs) return;
    prunedAt = clock();
    try {
      history.prune(prunedAt);
      // The states were deleted in the store, so delete them here.
      known.clear();
    } catch (thrown) {
      log.error({ err: thrown }, 'old tunnel history not removed');
    }
  }

  function soon(applianceId: string): void {
    if (holds.size === 0) return;
    waiting.add(applianceId);
    timer ??= setTimeout(flush, batchMs).unref();
  }

  function measured(applianceId: string, results: readonly ProbeResult[]): void {
    const tenants = fleet.networks(applianceId);
    const latencies = results.flatMap((result) => {
      const milliseconds = latencyOf(result);
      const tenant = tenants.find((one) => hasPort(one.ports, result.port));
      if (milliseconds === null || tenant === undefined) return [];
      return [{ clientId: tenant.clientId, port: result.port, atMs: Date.parse(result.at), milliseconds }];
    });
    if (latencies.length === 0) return;
    try {
      history.latencies(applianceId, latencies);
    } catch (thrown) {
      log.error({ err: thrown, applianceId }, 'latencies not written');
    }
  }

  const stops = [
    fleet.onObserved(soon),
    options.prober.onResults((applianceId, results) => {
      measured(applianceId, results);
      soon(applianceId);
      telling ??= setTimeout(() => {
        telling = null;
        tell(options.onProbed);
      }, tellEveryMs).unref();
    }),
  ];

  return {
    hold: () => {
      const key = Symbol('hold');
      if (holds.size === 0) heldFromMs = clock();
      holds.add(key);
      return () => {
        holds.delete(key);
        if (holds.size > 0) return;
        // The next holder starts a new watch.
        spans.clear();
        known.clear();
      };
    },
    isHeld: () => holds.size > 0,
    known: knownOf,
    close: () => {
      for (const waits of [timer, telling]) if (waits !== null) clearTimeout(waits);
      for (const stop of stops) stop();
    },
  };
}

/** The appliance reports the end of a session more precisely than the time of the console's next poll. */
function beganAt(state: ObservedState, before: Known | undefined, observedAtMs: number): number {
  const ended = state.endedAt === null ? Number.NaN : Date.parse(state.endedAt);
  if (!Number.isFinite(ended) || before === undefined) return observedAtMs;
  return Math.min(observedAtMs, Math.max(ended, before.atMs + 1));
}
