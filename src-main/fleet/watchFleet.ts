import type { ApplianceView, Changes } from '../../src-shared/contract/fleet.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import { createChanges, type ChangeFeed } from '../base/changeFeed.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Fleet } from './fleet.ts';

/**
 * Yields changed appliances with their current views until `signal` aborts. The first event contains every
 * appliance.
 */
export async function* watchViews(
  options: {
    inventory: Pick<Inventory, 'list'>;
    changes: Pick<ChangeFeed, 'watch'>;
    viewOf: (entry: ApplianceEntry) => ApplianceView;
  },
  signal: AbortSignal,
): AsyncGenerator<Changes, void, void> {
  const { inventory, changes, viewOf } = options;
  const first = createChanges(
    true,
    inventory.list().map(({ id }) => id),
  );
  for await (const { appliances, removed, ...parts } of changes.watch({ first, signal })) {
    const entries = appliances.size === 0 ? [] : inventory.list();
    yield {
      appliances: entries.filter((entry) => appliances.has(entry.id)).map(viewOf),
      removed: [...removed],
      ...parts,
    };
  }
}

/** Returns a function like `fleet.watch` that also starts all `holds` and ends them after the watch. */
export function createFleetWatch(options: {
  fleet: Pick<Fleet, 'watch'>;
  /** Each function starts a hold and returns the function that ends it. */
  holds: readonly (() => () => void)[];
}) {
  return async function* watchFleet(signal: AbortSignal): AsyncGenerator<Changes, void, void> {
    const releases = options.holds.map((hold) => hold());
    try {
      yield* options.fleet.watch(signal);
    } finally {
      for (const release of releases) release();
    }
  };
}
