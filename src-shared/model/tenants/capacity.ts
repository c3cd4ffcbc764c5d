import { findFreeBlocks } from './allocation.ts';
import { countPorts, defaultQuota, rangeSize, type PortRange } from './ports.ts';
import type { Tenant } from './remoteNetworks.ts';
import { dayMs } from '../../base/time.ts';

/** Growth is measured over this many days and shown per month of 30 days **[ours]**. */
const growthDays = 90;
/**
 * Minimum history to compute growth. In a shorter history, most tenants date from the day of the setup
 * **[ours]**.
 */
const minHistoryDays = 14;
const monthDays = 30;
/** Quotas for which the capacity card shows how many tenants fit **[ours]**. */
const plannedQuotas = [5, 10, defaultQuota, 50, 100] as const;

export type CapacityPlan = {
  ports: number;
  allotted: number;
  listening: number;
  idle: number;
  tenants: number;
  largestFreeBlock: number;
  room: { quota: number; tenants: number }[];
  growthPerMonth: number | null;
  /** Epoch ms. */
  runsOutAtMs: number | null;
};

/**
 * How many tenants with `quota` fit. Each takes the lowest free block that is large enough, as on the
 * appliance.
 */
export function countTenantsThatFit(blocks: readonly PortRange[], quota: number): number {
  return blocks.reduce((sum, block) => sum + Math.floor(rangeSize(block) / quota), 0);
}

/**
 * Ports allotted per day over the last 90 days. Counts only existing tenants with their present ports,
 * because an appliance keeps no history. Null until the oldest tenant is two weeks old. `skewMs`: how far its
 * clock is ahead.
 */
function growthPerDay(tenants: readonly Tenant[], now: number, skewMs: number): number | null {
  const oldest = Math.min(...tenants.map((tenant) => Date.parse(tenant.createdAt)));
  if (oldest > now + skewMs - minHistoryDays * dayMs) return null;
  const since = now + skewMs - growthDays * dayMs;
  const added = tenants.filter((tenant) => Date.parse(tenant.createdAt) >= since);
  return added.reduce((sum, tenant) => sum + countPorts(tenant.ports), 0) / growthDays;
}

/** An appliance's free ports, and when they run out. Pure; `now` is epoch ms. */
export function planCapacity(input: {
  range: PortRange;
  tenants: readonly Tenant[];
  now: number;
  clockSkewMs?: number;
}): CapacityPlan {
  const { range, tenants, now } = input;
  const blocks = findFreeBlocks(
    range,
    tenants.flatMap((tenant) => tenant.ports),
  );
  const perDay = growthPerDay(tenants, now, input.clockSkewMs ?? 0);
  const usable = countTenantsThatFit(blocks, defaultQuota) * defaultQuota;
  return {
    ports: rangeSize(range),
    allotted: tenants.reduce((sum, tenant) => sum + countPorts(tenant.ports), 0),
    listening: tenants.reduce(
      (sum, tenant) => sum + tenant.forwards.filter((forward) => forward.listener !== null).length,
      0,
    ),
    idle: tenants
      .filter((tenant) => tenant.suspended)
      .reduce((sum, tenant) => sum + countPorts(tenant.ports), 0),
    tenants: tenants.length,
    largestFreeBlock: Math.max(0, ...blocks.map(rangeSize)),
    room: plannedQuotas.map((quota) => ({ quota, tenants: countTenantsThatFit(blocks, quota) })),
    growthPerMonth: perDay === null ? null : Math.round(perDay * monthDays * 10) / 10,
    runsOutAtMs: perDay === null || perDay === 0 ? null : now + Math.ceil((usable / perDay) * dayMs),
  };
}
