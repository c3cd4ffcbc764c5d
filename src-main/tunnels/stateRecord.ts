import { randomUUID } from 'node:crypto';
import { staleAfterMs } from '../../src-shared/model/tunnels/observedLayers.ts';
import { hasPort } from '../../src-shared/model/tenants/ports.ts';
import type { Tenant } from '../../src-shared/model/tenants/remoteNetworks.ts';
import { latencyOf } from '../../src-shared/model/tunnels/portRow.ts';
import type { ProbeResult } from '../../src-shared/model/tunnels/probe.ts';
import type { History } from './history.ts';
import type { StoredState } from './knownStates.ts';
import { findChanges } from './observedChanges.ts';
import type { ApplianceRows } from './tenantRows.ts';

type Span = { id: string; fromMs: number; toMs: number };

/**
 * Writes answers and probe results to the history, and keeps the last state of each tunnel in memory. Every
 * method throws STORE_FAILED if the database fails.
 */
export function createStateRecord(history: History) {
  const known = new Map<string, ReadonlyMap<string, StoredState>>();
  const spans = new Map<string, Span>();

  function readKnown(applianceId: string): ReadonlyMap<string, StoredState> {
    const before = known.get(applianceId);
    if (before !== undefined) return before;
    const stored = history.known(applianceId);
    known.set(applianceId, stored);
    return stored;
  }

  function extendWatch(applianceId: string, observedAtMs: number): void {
    const before = spans.get(applianceId);
    // Probe results cause several calls between two answers. They do not extend the watch.
    if (before?.toMs === observedAtMs) return;
    // After a longer gap, e.g. because the computer slept, a new span starts.
    const continues =
      before !== undefined && observedAtMs >= before.toMs && observedAtMs - before.toMs <= staleAfterMs;
    const span = continues
      ? { ...before, toMs: observedAtMs }
      : { id: randomUUID(), fromMs: observedAtMs, toMs: observedAtMs };
    history.saveWatchSpan({ ...span, applianceId });
    spans.set(applianceId, span);
  }

  return {
    /** The state of each tunnel of an appliance. The keys are from `placeKey`. */
    known: readKnown,
    /** Stores the changes in an answer. Returns whether there were any. */
    writeAnswer: ({ entry, views }: ApplianceRows, observedAtMs: number): boolean => {
      const applianceId = entry.id;
      const changes = findChanges(views, readKnown(applianceId), {
        observedAtMs,
        lastAnswerAtMs: history.lastAnswerAt(applianceId),
      });
      let isNew = false;
      if (changes.length > 0) {
        const recorded = history.record({ applianceId, observedAtMs, changes });
        known.set(applianceId, new Map([...readKnown(applianceId), ...recorded.known]));
        isNew = recorded.written.length > 0;
      }
      extendWatch(applianceId, observedAtMs);
      return isNew;
    },
    /** Stores the latencies of probes of listed tenants. */
    writeLatencies: (
      applianceId: string,
      tenants: readonly Tenant[],
      results: readonly ProbeResult[],
    ): void => {
      const latencies = results.flatMap((result) => {
        const milliseconds = latencyOf(result);
        const tenant = tenants.find(({ ports }) => hasPort(ports, result.port));
        if (milliseconds === null || tenant === undefined) return [];
        return [{ clientId: tenant.clientId, port: result.port, atMs: Date.parse(result.at), milliseconds }];
      });
      if (latencies.length > 0) history.latencies(applianceId, latencies);
    },
    /** Deletes old history. */
    prune: (nowMs: number): void => {
      history.prune(nowMs);
      known.clear();
    },
    /** Removes history with times later than now, and starts new spans of watching. */
    removeLaterThan: (nowMs: number): void => {
      history.removeLaterThan(nowMs);
      known.clear();
      spans.clear();
    },
    forget: (applianceId: string): void => {
      known.delete(applianceId);
      spans.delete(applianceId);
    },
    /** Ends all spans of watching. The next answers start new ones. */
    reset: (): void => {
      known.clear();
      spans.clear();
    },
  };
}
