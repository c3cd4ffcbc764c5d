import { createHolds } from '../../src-shared/base/holds.ts';

/** Tracks which links are in use, and calls `onExpired` when a link was unused for `lingerMs`. */
export function createLinkHolds(options: {
  lingerMs: number;
  /** Called when the link was unused for `lingerMs`. */
  onExpired: (id: string) => void;
}) {
  const holds = createHolds();
  const { has } = holds;
  const lingering = new Map<string, NodeJS.Timeout>();
  const cancelExpiry = (id: string): void => {
    clearTimeout(lingering.get(id));
    lingering.delete(id);
  };
  return {
    ...holds,
    cancelExpiry,
    expireLater: (id: string): void => {
      if (has(id) || lingering.has(id)) return;
      const timer = setTimeout(() => {
        lingering.delete(id);
        if (!has(id)) options.onExpired(id);
      }, options.lingerMs);
      timer.unref();
      lingering.set(id, timer);
    },
  };
}
