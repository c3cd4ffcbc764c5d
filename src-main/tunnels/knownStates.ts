import { tunnelCodes } from '../../src-shared/model/tunnels/tunnelCodes.ts';
import { availabilityOf, type TunnelChange } from '../../src-shared/model/tunnels/tunnelHistory.ts';
import { placeKey } from './tunnelRef.ts';
import { secondMs } from '../../src-shared/base/time.ts';

export type PlacedChange = TunnelChange & { clientId: string; port: number };
/** The stored state of a tunnel, and since when it has been down; null while it is not. */
export type Known = PlacedChange & { downSinceMs: number | null };
/** sshd frees a port shortly after its session ended, so the first answer may show only the port as gone. */
const explainedWithinMs = 30 * secondMs;

export function explainsDrop(
  before: Known,
  found: Pick<PlacedChange, 'code'>,
  observedAtMs: number,
): boolean {
  return (
    before.dropped && absenceOf(found) === 'unexplained' && observedAtMs - before.atMs <= explainedWithinMs
  );
}

/** Why the tenant was away; undefined if it was not. */
const absenceOf = ({ code }: Pick<PlacedChange, 'code'>) => tunnelCodes[code].absence;

/** The state after `change`, which follows `before`. */
export function nextState(before: Known | undefined, change: PlacedChange): Known {
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
