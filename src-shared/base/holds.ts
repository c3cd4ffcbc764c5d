/** Tracks which IDs are in use. Several users can hold one ID. */
export function createHolds() {
  const holds = new Map<symbol, ReadonlySet<string> | 'all'>();
  return {
    has: (id: string): boolean => [...holds.values()].some((ids) => ids === 'all' || ids.has(id)),
    /** Whether a hold names the ID, instead of holding all. */
    isNamed: (id: string): boolean => [...holds.values()].some((ids) => ids !== 'all' && ids.has(id)),
    count: (): number => holds.size,
    /**
     * Starts a hold and returns the function that ends it. That function returns false if the hold has
     * already ended.
     */
    add: (ids: readonly string[] | 'all'): (() => boolean) => {
      const key = Symbol('hold');
      holds.set(key, ids === 'all' ? 'all' : new Set(ids));
      return () => holds.delete(key);
    },
  };
}
