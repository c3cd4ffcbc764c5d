import type { TenantView } from '../../src-shared/contract/tenants.ts';
import { availabilityOf } from '../../src-shared/model/tunnels/tunnelHistory.ts';
import type { StoredState, PlacedChange } from './knownStates.ts';
import { placeKey } from './tunnelRef.ts';
import { listStates, createMissingState, tenantPort, type ObservedState } from './tunnelStates.ts';

type AnswerTimes = { observedAtMs: number; lastAnswerAtMs: number | null };

/**
 * When the state began. The appliance reports the end of a session, which is more exact than the time of its
 * next answer. But a session that the last answer showed did not end before that answer.
 */
function findStartTime(
  state: ObservedState,
  before: StoredState | undefined,
  { observedAtMs, lastAnswerAtMs }: AnswerTimes,
): number {
  const endedAt = state.endedAt === null ? Number.NaN : Date.parse(state.endedAt);
  if (!Number.isFinite(endedAt) || before === undefined) return observedAtMs;
  const lastUpAtMs = availabilityOf(before) === 'up' ? (lastAnswerAtMs ?? 0) : 0;
  return Math.min(observedAtMs, Math.max(endedAt, before.atMs + 1, lastUpAtMs));
}

/**
 * Returns how the states in an answer differ from the known ones (by `placeKey`). Includes ports that are no
 * longer listed.
 */
export function findChanges(
  views: readonly TenantView[],
  known: ReadonlyMap<string, StoredState>,
  times: AnswerTimes,
): Omit<PlacedChange, 'dropped'>[] {
  const states = listStates(views);
  const listed = new Set(states.map(placeKey));
  const tenants = new Map(
    states.filter((state) => state.port === tenantPort).map((state) => [state.clientId, state]),
  );
  const missing = [...known.values()]
    .filter((state) => !listed.has(placeKey(state)) && state.tone !== 'off')
    .map(({ clientId, port }) => createMissingState({ clientId, port }, tenants.get(clientId)));
  return [...states, ...missing].flatMap((state) => {
    const before = known.get(placeKey(state));
    if (before !== undefined && before.tone === state.tone && before.code === state.code) return [];
    const { clientId, port, tone, code, reason } = state;
    return [{ clientId, port, tone, code, reason, atMs: findStartTime(state, before, times) }];
  });
}
