type Store<Key, Value> = {
  get: (key: Key) => Value | undefined;
  set: (key: Key, value: Value) => unknown;
  delete: (key: Key) => boolean;
};
type Kept<Result> = { causes: readonly unknown[]; result: Result };

/** Whether two lists hold the same objects and equal numbers and texts. */
export const areSame = (left: readonly unknown[], right: readonly unknown[]): boolean =>
  left.length === right.length && left.every((value, at) => value === right[at]);

/**
 * Caches one result per key, so that callers get the same object until one of the `causes` changes. Pass a
 * WeakMap as `kept` if the keys are objects that may be garbage-collected.
 */
export function createMemo<Key, Result>(kept: Store<Key, Kept<Result>> = new Map<Key, Kept<Result>>()) {
  return {
    get: (key: Key, causes: readonly unknown[], make: () => Result): Result => {
      const known = kept.get(key);
      if (known !== undefined && areSame(known.causes, causes)) return known.result;
      const result = make();
      kept.set(key, { causes, result });
      return result;
    },
    forget: (key: Key): void => void kept.delete(key),
  };
}
