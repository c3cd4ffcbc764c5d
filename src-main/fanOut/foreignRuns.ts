import { createBoundedMap } from '../../src-shared/base/boundedMap.ts';
import { secondMs } from '../../src-shared/base/time.ts';
import type { FleetRun } from '../../src-shared/model/fanOut/fleetRun.ts';
import { callEvery } from '../../src-shared/node/callEvery.ts';
import type { Log } from '../base/log.ts';
import type { Store } from '../store/store.ts';
import type { RunRows } from './runRows.ts';

/** How many runs are followed that were looked at last **[ours]**. */
const maxFollowed = 16;
/** How often a run is ended whose console was killed **[ours]**. */
const settleEveryMs = 5 * secondMs;

const stampOf = ({ state, endedAt }: FleetRun) => `${state} ${endedAt ?? ''}`;

/** Reports changes that another console of the same data folder makes to the runs that were looked at, and new runs. */
export function createForeignRuns(options: {
  rows: Pick<RunRows, 'find' | 'isActive' | 'lastNumber'>;
  store: Pick<Store, 'onForeignChange'>;
  /** Ends a run whose console has ended. */
  settle: (number: number) => unknown;
  onChanged: () => void;
  log: Pick<Log, 'error'>;
}) {
  const { rows, onChanged } = options;
  const followed = createBoundedMap<number, string>(maxFollowed);
  /** Null until a run was looked at. */
  let lastNumber: number | null = null;

  /** Whether another console changed the run, or changes its results now. */
  function hasChanged(number: number, before: string): boolean {
    const found = rows.find(number);
    if (found === undefined) return followed.delete(number);
    const stamp = stampOf(found.run);
    if (stamp !== before) followed.set(number, stamp);
    return stamp !== before || (!found.isMine && rows.isActive(found.run));
  }

  const stops = [
    options.store.onForeignChange(() => {
      if (lastNumber === null) return;
      const before = lastNumber;
      lastNumber = rows.lastNumber();
      const changed = followed.entries().filter(([number, stamp]) => hasChanged(number, stamp));
      if (changed.length > 0 || lastNumber !== before) onChanged();
    }),
    callEvery({
      everyMs: settleEveryMs,
      work: () => {
        for (const [number] of followed.entries()) {
          const found = rows.find(number);
          if (found === undefined || !found.isOwnerGone || !rows.isActive(found.run)) continue;
          options.settle(number);
          onChanged();
        }
      },
      onError: (thrown) => options.log.error({ err: thrown }, 'could not end runs of consoles that are gone'),
    }),
  ];

  return {
    /** Notes that the run is shown. */
    follow: (run: FleetRun): void => {
      followed.set(run.number, stampOf(run));
      lastNumber ??= rows.lastNumber();
    },
    /** Notes that the list of runs is shown. */
    followList: (): void => void (lastNumber ??= rows.lastNumber()),
    close: (): void => {
      for (const stop of stops) stop();
    },
  };
}
