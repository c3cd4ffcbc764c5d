import type { TenantView } from '../../src-shared/contract/tenants.ts';
import type { Known, PlacedChange } from './knownStates.ts';
import { placeKey } from './tunnelRef.ts';
import { observedStates, stateOfMissing, tenantPort, type ObservedState } from './tunnelStates.ts';

/** The session's end is known from the appliance, more exactly than from the time of the next answer. */
function beganAt(state: ObservedState, before: Known | undefined, observedAtMs: number): number {
  const endedAt = state.endedAt === null ? Number.NaN : Date.parse(state.endedAt);
  if (!Number.isFinite(endedAt) || before === undefined) return observedAtMs;
  return Math.min(observedAtMs, Math.max(endedAt, before.atMs + 1));
}

/** How an answer differs from the known states (by `placeKey`), ports that are no longer listed included. */
export function observedChanges(
  views: readonly TenantView[],
  known: ReadonlyMap<string, Known>,
  observedAtMs: number,
): Omit<PlacedChange, 'dropped'>[] {
  const states = observedStates(views);
  const listed = new Set(states.map(placeKey));
  const tenants = new Map(
    states.filter((state) => state.port === tenantPort).map((state) => [state.clientId, state]),
  );
  const missing = [...known.values()]
    .filter((state) => !listed.has(placeKey(state)) && state.tone !== 'off')
    .map(({ clientId, port }) => stateOfMissing({ clientId, port }, tenants.get(clientId)));
  return [...states, ...missing].flatMap((state) => {
    const before = known.get(placeKey(state));
    if (before !== undefined && before.tone === state.tone && before.code === state.code) return [];
    const { clientId, port, tone, code, reason } = state;
    return [{ clientId, port, tone, code, reason, atMs: beganAt(state, before, observedAtMs) }];
  });
}
