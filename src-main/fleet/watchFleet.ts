import type { Fleet } from './fleet.ts';

/** `fleet.watch` that keeps every one of `holds` while the fleet is watched. */
export function createFleetWatch(options: {
  fleet: Pick<Fleet, 'watch'>;
  /** Each returns the function that ends it. */
  holds: readonly (() => () => void)[];
}): Fleet['watch'] {
  return async function* watchFleet(signal) {
    const releases = options.holds.map((hold) => hold());
    try {
      yield* options.fleet.watch(signal);
    } finally {
      for (const release of releases) release();
    }
  };
}
