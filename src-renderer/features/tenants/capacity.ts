import type { Capacity } from '../../../src-shared/contract/ports.ts';

/** How many more tenants of `quota` ports fit; null where the console did not say it for this number. */
export function roomFor(capacity: Pick<Capacity, 'room' | 'largestFreeBlock'>, quota: number): number | null {
  if (quota > capacity.largestFreeBlock) return 0;
  return capacity.room.find((one) => one.quota === quota)?.tenants ?? null;
}
