import type { PortRow } from '../../src-shared/contract/ports.ts';
import type { History } from './history.ts';

/** Another console's drops are looked for this often at most: it writes its watch every few seconds. */
const rereadMs = 5_000;

export type Drops = ReadonlyMap<string, NonNullable<PortRow['lastDrop']>>;

/** The last drop of every tunnel, read once and kept while nothing is new. */
export function createDrops(options: {
  history: Pick<History, 'lastDrops'>;
  clock: () => number;
  onForeignChange: (listener: () => void) => () => void;
}): { of: (applianceId: string) => Drops; clear: () => void; close: () => void } {
  const { history, clock } = options;
  const kept = new Map<string, { drops: Drops; at: number }>();
  let foreignAt = Number.NEGATIVE_INFINITY;
  const close = options.onForeignChange(() => (foreignAt = clock()));
  return {
    of: (applianceId) => {
      const known = kept.get(applianceId);
      const now = clock();
      const isOld = known !== undefined && known.at <= foreignAt && Math.abs(now - known.at) >= rereadMs;
      if (known !== undefined && !isOld) return known.drops;
      const drops = new Map(
        [...history.lastDrops(applianceId)].map(([key, drop]) => [
          key,
          { at: new Date(drop.atMs).toISOString(), reason: drop.reason },
        ]),
      );
      kept.set(applianceId, { drops, at: now });
      return drops;
    },
    clear: () => kept.clear(),
    close,
  };
}
