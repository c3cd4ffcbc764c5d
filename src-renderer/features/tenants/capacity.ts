import type { Capacity } from '../../../src-shared/contract/ports.ts';
import { findFreeBlocks } from '../../../src-shared/model/tenants/allocation.ts';
import { countTenantsThatFit as roomInBlocks } from '../../../src-shared/model/tenants/capacity.ts';
import { firstPort, lastPort } from '../../../src-shared/model/tenants/ports.ts';
import { useTenants } from '../fleet/queries.ts';

/**
 * How many more tenants with `quota` ports fit; null until known. The console reports it for common quotas;
 * for others the page computes it from the allocated ports, as the appliance would.
 */
export function useRoomFor(capacity: Capacity, quota: number): number | null {
  const usual = capacity.room.find((one) => one.quota === quota);
  const isAsked = usual === undefined && quota > 0 && quota <= capacity.largestFreeBlock;
  const tenants = useTenants({ applianceId: capacity.applianceId, enabled: isAsked });
  if (usual !== undefined) return usual.tenants;
  if (!isAsked) return 0;
  if (tenants.data === undefined) return null;
  const allotted = tenants.data.tenants.flatMap(({ tenant }) => tenant.ports);
  return roomInBlocks(findFreeBlocks({ first: firstPort, last: lastPort }, allotted), quota);
}
