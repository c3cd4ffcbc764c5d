import { tunnelCodes } from '../../src-shared/model/tunnels/tunnelCodes.ts';
import { availabilityOf, type TunnelChange } from '../../src-shared/model/tunnels/tunnelHistory.ts';
import { placeKey } from './tunnelRef.ts';
import { secondMs } from '../../src-shared/base/time.ts';

export type PlacedChange = TunnelChange & { clientId: string; port: number };
/** The stored state of a tunnel. `downSinceMs` is null while it is not down. */
export type StoredState = PlacedChange & { downSinceMs: number | null };
/**
 * The first answer after a drop may only show that the port is gone, and a later one that the session has
 * ended. Within this time, the later answer explains the drop.
 */
const explainedWithinMs = 30 * secondMs;

function explainsDrop(before: StoredState, found: Pick<PlacedChange, 'code'>, observedAtMs: number): boolean {
  return (
    before.dropped && findAbsence(found) === 'unexplained' && observedAtMs - before.atMs <= explainedWithinMs
  );
}

/** Whether the drop before was only the tenant's move to another member of the cluster. */
function isMove(before: StoredState, found: Pick<PlacedChange, 'code'>, observedAtMs: number): boolean {
  return (
    before.dropped &&
    findAbsence(before) === 'unexplained' &&
    findAbsence(found) === 'elsewhere' &&
    observedAtMs - before.atMs <= explainedWithinMs
  );
}

/** Why the tenant is absent in this state. Undefined if the tenant is connected. */
const findAbsence = ({ code }: Pick<PlacedChange, 'code'>) => tunnelCodes[code].absence;

/** Returns the state after `change`, which follows the state `before`. */
function nextState(before: StoredState | undefined, change: PlacedChange): StoredState {
  if (availabilityOf(change) !== 'down') return { ...change, downSinceMs: null };
  // A process that holds the port is a new fault, so the time of the tenant's absence before does not count.
  const isNewFault =
    before !== undefined && findAbsence(before) !== undefined && tunnelCodes[change.code].isPortHeld === true;
  const isStillDown = before !== undefined && before.downSinceMs !== null && !isNewFault;
  return { ...change, downSinceMs: isStillDown ? before.downSinceMs : change.atMs };
}

/**
 * Returns the state of each tunnel after all its changes, by `placeKey`. The changes of each tunnel must be
 * sorted, oldest first.
 */
export function computeStates(written: readonly PlacedChange[]): Map<string, StoredState> {
  const result = new Map<string, StoredState>();
  for (const change of written) {
    const key = placeKey(change);
    result.set(key, nextState(result.get(key), change));
  }
  return result;
}

/**
 * Returns the new changes of an answer and the states after them. `explained` are earlier drops that one of
 * the new changes explains, so the new change counts as the drop instead. `moved` replace the earlier change
 * of the same time.
 */
export function applyChanges(input: {
  /** The keys are from `placeKey`. */
  known: ReadonlyMap<string, StoredState>;
  changes: readonly Omit<PlacedChange, 'dropped'>[];
  observedAtMs: number;
}): {
  known: Map<string, StoredState>;
  written: PlacedChange[];
  explained: StoredState[];
  moved: PlacedChange[];
} {
  const { observedAtMs } = input;
  const known = new Map(input.known);
  const written: PlacedChange[] = [];
  const explained: StoredState[] = [];
  const moved: PlacedChange[] = [];
  for (const found of input.changes) {
    const key = placeKey(found);
    const before = known.get(key);
    const isKnown = before !== undefined && before.tone === found.tone && before.code === found.code;
    if (isKnown || (before !== undefined && before.atMs >= observedAtMs)) continue;
    if (before !== undefined && isMove(before, found, observedAtMs)) {
      const change = { ...found, atMs: before.atMs, dropped: false };
      moved.push(change);
      known.set(key, nextState(undefined, change));
      continue;
    }
    const explains = before !== undefined && explainsDrop(before, found, observedAtMs);
    if (explains) explained.push(before);
    const isDrop =
      before !== undefined && availabilityOf(before) === 'up' && availabilityOf(found) === 'down';
    const atMs = Math.max(found.atMs, (before?.atMs ?? 0) + 1);
    const change = { ...found, atMs, dropped: isDrop || explains };
    written.push(change);
    known.set(key, nextState(before, change));
  }
  return { known, written, explained, moved };
}
