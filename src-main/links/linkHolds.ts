import { createHolds } from '../../src-shared/base/holds.ts';

/** Tracks which links are in use, and calls `onExpired` when a link was unused for its `lingerMs`. */
export function createLinkHolds(options: {
  lingerMs: (id: string) => number;
  /** Whether holding all holds the link of this appliance. */
  isForFleet: (id: string) => boolean;
  /** Called when the link was unused for `lingerMs`. */
  onExpired: (id: string) => void;
}) {
  const holds = createHolds();
  /** Holding all does not need an appliance that connects on demand. */
  const has = (id: string): boolean => (options.isForFleet(id) ? holds.has(id) : holds.isNamed(id));
  const lingering = new Map<string, NodeJS.Timeout>();
  const cancelExpiry = (id: string): void => {
    clearTimeout(lingering.get(id));
    lingering.delete(id);
  };
  return {
    add: holds.add,
    count: holds.count,
    has,
    cancelExpiry,
    expireLater: (id: string): void => {
      if (has(id) || lingering.has(id)) return;
      const timer = setTimeout(() => {
        lingering.delete(id);
        if (!has(id)) options.onExpired(id);
      }, options.lingerMs(id));
      timer.unref();
      lingering.set(id, timer);
    },
  };
}
