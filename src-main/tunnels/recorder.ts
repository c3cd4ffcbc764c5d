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

/** The three commands of one round answer within this; they are taken in together. */
const batchMs = 250;
/** Thousands of ports are probed within a minute: whoever looks reads them all anew each time they are told. */
const tellEveryMs = secondMs;
const pruneEveryMs = hourMs;

type Span = { id: string; fromMs: number; toMs: number };

export type Recorder = {
  /** While held, what answers show is written down, and the time counts as watched. */
  hold: () => () => void;
  isHeld: () => boolean;
  /** What holds of each tunnel, by `placeKey`. */
  known: (applianceId: string) => ReadonlyMap<string, Known>;
  close: () => void;
};

/**
 * Writes down how tunnels change, from the answers that come in anyway. An appliance that does not answer is not
 * watched meanwhile, so that its link's trouble never passes for its tunnels'.
 */
export function createRecorder(options: {
  inventory: Pick<Inventory, 'list'>;
  fleet: Pick<Fleet, 'networks' | 'onObserved'>;
  prober: Pick<Prober, 'onResults'>;
  tenantRows: TenantRows;
  history: History;
  clock: () => number;
  log: Log;
  /** History of these appliances is new. */
  onRecorded: (applianceIds: readonly string[]) => void;
  /** Results of probes are. */
  onProbed: () => void;
}): Recorder {
  const { inventory, fleet, history, clock, log } = options;
  const known = new Map<string, ReadonlyMap<string, Known>>();
  const spans = new Map<string, Span>();
  const waiting = new Set<string>();
  const holds = new Set<symbol>();
  /** Answers from before were kept by somebody else, or heard while nobody watched. */
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
    // Results of probes come several times a second between two answers, and lengthen nothing.
    if (before?.toMs === observedAtMs) return;
    // An answer stands for a while; a computer that slept for longer did not watch.
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

  /** Whether there was anything new to tell. */
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

  /** Called by timers: whoever is told and fails must not end the console. */
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
      // What was forgotten there is forgotten here.
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
        // Whoever looks next begins a watch of their own.
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

/** A session's end is known from the appliance, better than from when the console asked next. */
function beganAt(state: ObservedState, before: Known | undefined, observedAtMs: number): number {
  const ended = state.endedAt === null ? Number.NaN : Date.parse(state.endedAt);
  if (!Number.isFinite(ended) || before === undefined) return observedAtMs;
  return Math.min(observedAtMs, Math.max(ended, before.atMs + 1));
}
