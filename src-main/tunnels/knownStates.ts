import { tunnelCodes } from '../../src-shared/model/tunnels/tunnelCodes.ts';
import { availabilityOf, type TunnelChange } from '../../src-shared/model/tunnels/tunnelHistory.ts';
import { placeKey } from './tunnelRef.ts';
import { secondMs } from '../../src-shared/base/time.ts';

export type PlacedChange = TunnelChange & { clientId: string; port: number };
/** The stored state of a tunnel, and since when it has been down; null while it is not. */
export type Known = PlacedChange & { downSinceMs: number | null };
/** sshd frees a port shortly after its session ended, so the first answer may show only the port as gone. */
const explainedWithinMs = 30 * secondMs;

function explainsDrop(before: Known, found: Pick<PlacedChange, 'code'>, observedAtMs: number): boolean {
  return (
    before.dropped && absenceOf(found) === 'unexplained' && observedAtMs - before.atMs <= explainedWithinMs
  );
}

/** Why the tenant was away; undefined if it was not. */
const absenceOf = ({ code }: Pick<PlacedChange, 'code'>) => tunnelCodes[code].absence;

/** The state after `change`, which follows `before`. */
function nextState(before: Known | undefined, change: PlacedChange): Known {
  if (availabilityOf(change) !== 'down') return { ...change, downSinceMs: null };
  // If a process holds the port of an absent tenant, that is another fault than the absence.
  const isAnother =
    before !== undefined && absenceOf(before) !== undefined && tunnelCodes[change.code].isPortHeld === true;
  const isStillDown = before !== undefined && before.downSinceMs !== null && !isAnother;
  return { ...change, downSinceMs: isStillDown ? before.downSinceMs : change.atMs };
}

/** The state of each tunnel after all its changes, by `placeKey`. The changes of a tunnel are sorted, oldest first. */
export function latestStates(written: readonly PlacedChange[]): Map<string, Known> {
  const result = new Map<string, Known>();
  for (const change of written) {
    const key = placeKey(change);
    result.set(key, nextState(result.get(key), change));
  }
  return result;
}

/**
 * Which changes of an answer are new, with the states after them. `explained` are earlier drops that a new change
 * explains, and so replaces.
 */
export function applyChanges(input: {
  /** By `placeKey`. */
  known: ReadonlyMap<string, Known>;
  changes: readonly Omit<PlacedChange, 'dropped'>[];
  observedAtMs: number;
}): { known: Map<string, Known>; written: PlacedChange[]; explained: Known[] } {
  const { observedAtMs } = input;
  const known = new Map(input.known);
  const written: PlacedChange[] = [];
  const explained: Known[] = [];
  for (const found of input.changes) {
    const key = placeKey(found);
    const before = known.get(key);
    const isKnown = before !== undefined && before.tone === found.tone && before.code === found.code;
    if (isKnown || (before !== undefined && before.atMs >= observedAtMs)) continue;
    const explains = before !== undefined && explainsDrop(before, found, observedAtMs);
    if (explains) explained.push(before);
    const isDrop =
      before !== undefined && availabilityOf(before) === 'up' && availabilityOf(found) === 'down';
    const atMs = Math.max(found.atMs, (before?.atMs ?? 0) + 1);
    const change = { ...found, atMs, dropped: isDrop || explains };
    written.push(change);
    known.set(key, nextState(before, change));
  }
  return { known, written, explained };
}
