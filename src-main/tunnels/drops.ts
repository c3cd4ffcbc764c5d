import type { PortRow } from '../../src-shared/contract/ports.ts';
import type { History } from './history.ts';
import { secondMs } from '../../src-shared/base/time.ts';

/**
 * Minimum time between two readings of drops that other consoles have stored, because they write every few
 * seconds.
 */
const rereadMs = 5 * secondMs;

export type Drops = ReadonlyMap<string, NonNullable<PortRow['lastDrop']>>;

function isSame(a: Drops, b: Drops): boolean {
  return (
    a.size === b.size &&
    [...a].every(([key, drop]) => {
      const other = b.get(key);
      return other?.at === drop.at && other.reason === drop.reason;
    })
  );
}

/** Caches the last drop of every tunnel. Returns the same map until its content changes. */
export function createDrops(options: {
  history: Pick<History, 'lastDrops'>;
  clock: () => number;
  onForeignChange: (listener: () => void) => () => void;
}): {
  of: (applianceId: string) => Drops;
  /** Call this after history of the appliance was written, so that the drops are read again. */
  invalidate: (applianceId: string) => void;
  close: () => void;
} {
  const { history, clock } = options;
  const kept = new Map<string, { drops: Drops; at: number; isOutdated: boolean }>();
  let foreignAt = Number.NEGATIVE_INFINITY;
  const close = options.onForeignChange(() => (foreignAt = clock()));
  return {
    of: (applianceId) => {
      const known = kept.get(applianceId);
      const now = clock();
      const isOld =
        known !== undefined &&
        (known.isOutdated || (known.at <= foreignAt && Math.abs(now - known.at) >= rereadMs));
      if (known !== undefined && !isOld) return known.drops;
      const read = new Map(
        [...history.lastDrops(applianceId)].map(([key, drop]) => [
          key,
          { at: new Date(drop.atMs).toISOString(), reason: drop.reason },
        ]),
      );
      // Keep the old map if nothing has changed, because a new map would cause all rows to be rebuilt.
      const drops = known !== undefined && isSame(known.drops, read) ? known.drops : read;
      kept.set(applianceId, { drops, at: now, isOutdated: false });
      return drops;
    },
    invalidate: (applianceId) => {
      const known = kept.get(applianceId);
      if (known !== undefined) known.isOutdated = true;
    },
    close,
  };
}
