import type { Store } from './store.ts';

/**
 * Keeps values of appliances in memory and writes them to the store in batches. `load` reads the values of an
 * appliance. `save` writes one value, or deletes its row if the value was deleted, inside a transaction.
 */
export function createWriteBehind<Key, Values>(options: {
  store: Store;
  load: (applianceId: string) => Values;
  save: (applianceId: string, key: Key, values: Values) => void;
}) {
  const { store } = options;
  const loaded = new Map<string, Values>();
  const waiting = new Map<string, Set<Key>>();

  function of(applianceId: string): Values {
    const known = loaded.get(applianceId);
    if (known !== undefined) return known;
    const values = options.load(applianceId);
    loaded.set(applianceId, values);
    return values;
  }

  return {
    of,
    /** Marks a value as changed, so that the next flush writes it. */
    touch: (applianceId: string, key: Key): void => {
      const keys = waiting.get(applianceId) ?? new Set();
      waiting.set(applianceId, keys.add(key));
    },
    /** Drops the values of a removed appliance from memory. */
    forget: (applianceId: string): void => {
      loaded.delete(applianceId);
      waiting.delete(applianceId);
    },
    /**
     * Writes the changed values for which `isDue` is true. Throws STORE_FAILED; values that were not written
     * stay marked as changed.
     */
    flush: (isDue: (applianceId: string, key: Key) => boolean = () => true): void => {
      const due = [...waiting].map(
        ([applianceId, keys]) => [applianceId, [...keys].filter((key) => isDue(applianceId, key))] as const,
      );
      if (due.every(([, keys]) => keys.length === 0)) return;
      store.write(() => {
        const ids = new Set(store.all(store.query.selectFrom('appliance').select('id')).map(({ id }) => id));
        for (const [applianceId, keys] of due)
          if (ids.has(applianceId)) for (const key of keys) options.save(applianceId, key, of(applianceId));
      });
      for (const [applianceId, keys] of due) for (const key of keys) waiting.get(applianceId)?.delete(key);
    },
  };
}
