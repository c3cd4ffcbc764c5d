/** Tracks which links are in use, and calls `onExpired` when a link was unused for `lingerMs`. */
export function createLinkHolds(options: {
  lingerMs: number;
  /** Called when the link was unused for `lingerMs`. */
  onExpired: (id: string) => void;
}) {
  const holds = new Map<symbol, ReadonlySet<string> | 'all'>();
  const lingering = new Map<string, NodeJS.Timeout>();
  const has = (id: string) => [...holds.values()].some((ids) => ids === 'all' || ids.has(id));
  const cancelExpiry = (id: string): void => {
    clearTimeout(lingering.get(id));
    lingering.delete(id);
  };
  return {
    has,
    count: () => holds.size,
    /**
     * Starts a hold and returns the function that ends it. That function returns false if the hold has
     * already ended.
     */
    add: (ids: readonly string[] | 'all'): (() => boolean) => {
      const key = Symbol('hold');
      holds.set(key, ids === 'all' ? 'all' : new Set(ids));
      return () => holds.delete(key);
    },
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
