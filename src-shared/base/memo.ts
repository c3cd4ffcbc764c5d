type Store<Key, Value> = {
  get: (key: Key) => Value | undefined;
  set: (key: Key, value: Value) => unknown;
  delete: (key: Key) => boolean;
};
type Kept<Result> = { causes: readonly unknown[]; result: Result };

/**
 * Caches one result per key, so that callers get the same object until one of the `causes` changes. Pass a
 * WeakMap as `kept` if the keys are objects that may be garbage-collected.
 */
export function createMemo<Key, Result>(kept: Store<Key, Kept<Result>> = new Map<Key, Kept<Result>>()) {
  return {
    get: (key: Key, causes: readonly unknown[], make: () => Result): Result => {
      const known = kept.get(key);
      const isSame =
        known?.causes.length === causes.length && known.causes.every((cause, at) => cause === causes[at]);
      if (isSame) return known.result;
      const result = make();
      kept.set(key, { causes, result });
      return result;
    },
    forget: (key: Key): void => void kept.delete(key),
  };
}
