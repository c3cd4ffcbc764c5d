import { createHash } from 'node:crypto';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** A reproducible source of random values: the same seed gives the same values. Not for secrets. */
export function createRandom(seed: string) {
  const generator = xoroshiro128plus(createHash('sha256').update(seed).digest().readInt32BE());
  /** A random integer from `min` to `max`, both included. */
  const between = (min: number, max: number): number => uniformInt(generator, min, max);
  return {
    /** A random number from 0 to below 1. */
    next: (): number => between(0, 2 ** 32 - 1) / 2 ** 32,
    between,
    pick: <Item>(items: readonly [Item, ...Item[]]): Item => items[between(0, items.length - 1)] ?? items[0],
  };
}
export type Random = ReturnType<typeof createRandom>;
