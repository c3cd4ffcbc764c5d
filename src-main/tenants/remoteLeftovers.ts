import type { Links } from '../fleet/links.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';
export function createRemoteLeftovers(_options: {
  store: Store;
  links: Links;
  clock: () => number;
  log: Log;
}) {
  return { close: () => {} };
}
