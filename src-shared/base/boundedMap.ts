/** A map that forgets what was set or read longest ago once it holds more than `maxSize` entries. */
export function createBoundedMap<Key, Value>(
  maxSize: number,
  initial: readonly (readonly [Key, Value])[] = [],
) {
  const map = new Map<Key, Value>(initial.slice(-maxSize));
  const set = (key: Key, value: Value): void => {
    map.delete(key);
    map.set(key, value);
    if (map.size <= maxSize) return;
    const oldest = map.keys().next();
    if (oldest.done !== true) map.delete(oldest.value);
  };
  return {
    set,
    get: (key: Key): Value | undefined => {
      const value = map.get(key);
      if (value !== undefined) set(key, value);
      return value;
    },
    delete: (key: Key) => map.delete(key),
    clear: () => map.clear(),
    entries: () => [...map],
  };
}
