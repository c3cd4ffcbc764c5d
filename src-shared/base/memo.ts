type Store<Key, Value> = {
  get: (key: Key) => Value | undefined;
  set: (key: Key, value: Value) => unknown;
  delete: (key: Key) => boolean;
};
type Kept<Result> = { causes: readonly unknown[]; result: Result };

/**
 * Keeps one result per key, so that what rests on it keeps the same object. It is made again once a cause is not the
 * same value as before. Give a WeakMap as `kept` if the keys are objects that may disappear.
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
