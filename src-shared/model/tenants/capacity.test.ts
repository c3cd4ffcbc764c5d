import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allotPorts, findFreeBlocks } from './allocation.ts';
import { planCapacity, countTenantsThatFit } from './capacity.ts';
import type { PortRange } from './ports.ts';
import { tenantSchema, type Tenant } from './remoteNetworks.ts';

const now = Date.parse('2026-11-20T09:00:00.000Z');
const range = { first: 2200, last: 5199 };
const daysAgo = (days: number) => new Date(now - days * 86_400_000).toISOString();
const tenant = (first: number, last: number, days: number, changes: Partial<Tenant> = {}): Tenant =>
  tenantSchema.parse({
    clientId: `t-${first}`,
    quota: last - first + 1,
    suspended: false,
    ports: [{ first, last }],
    keys: [],
    createdAt: daysAgo(days),
    changedAt: daysAgo(days),
    sessions: [],
    forwards: [],
    lastSession: null,
    ...changes,
  });

test('when an appliance is empty, 150 tenants of 20 ports fit, and ports never run out', () => {
  expect(planCapacity({ range, tenants: [], now })).toEqual({
    ports: 3000,
    allotted: 0,
    listening: 0,
    idle: 0,
    tenants: 0,
    largestFreeBlock: 3000,
    room: [
      { quota: 5, tenants: 600 },
      { quota: 10, tenants: 300 },
      { quota: 20, tenants: 150 },
      { quota: 50, tenants: 60 },
      { quota: 100, tenants: 30 },
    ],
    growthPerMonth: null,
    runsOutAtMs: null,
  });
});

test('when free ports are fragmented, fewer tenants fit than their number suggests', () => {
  // 19 ports are free, 20 taken, 19 free, and the rest taken. So there is no free block of 20.
  const tenants = [tenant(2219, 2238, 400), tenant(2258, 5199, 400, { quota: 0, suspended: true })];
  const plan = planCapacity({ range, tenants, now });
  expect(plan).toMatchObject({
    largestFreeBlock: 19,
    allotted: 2962,
    idle: 2942,
    growthPerMonth: 0,
    runsOutAtMs: null,
  });
  expect(plan.room).toEqual([
    { quota: 5, tenants: 6 },
    { quota: 10, tenants: 2 },
    { quota: 20, tenants: 0 },
    { quota: 50, tenants: 0 },
    { quota: 100, tenants: 0 },
  ]);
});

test('when the growth of 90 days continues, ports run out when no block of 20 is left', () => {
  // 900 ports in 90 days are ten per day, and 2,000 ports are left.
  const plan = planCapacity({ range, tenants: [tenant(2200, 2299, 91), tenant(2300, 3199, 10)], now });
  expect(plan.growthPerMonth).toBe(300);
  expect(plan.runsOutAtMs).toBe(now + 200 * 86_400_000);
  const full = planCapacity({ range, tenants: [tenant(2200, 5199, 15)], now });
  expect(full.runsOutAtMs).toBe(now);
});

const forecast = (days: number, clockSkewMs = 0) => {
  const plan = planCapacity({ range, tenants: [tenant(2200, 2299, days)], now, clockSkewMs });
  return [plan.growthPerMonth, plan.runsOutAtMs === null];
};

test('when an appliance was set up less than two weeks ago, it has no growth yet', () => {
  expect(forecast(13)).toEqual([null, true]);
  expect(forecast(14)).toEqual([33.3, false]);
  // One minute less than 14 days by the appliance's clock, so there is no growth yet.
  expect(forecast(14, -60_000)).toEqual([null, true]);
});

test('when as many tenants are added as fit, no further tenant fits', () => {
  const blocks = fc
    .array(fc.tuple(fc.integer({ min: 2200, max: 2400 }), fc.integer({ min: 0, max: 30 })), { maxLength: 12 })
    .map((pairs) => pairs.map(([first, size]) => ({ first, last: Math.min(2400, first + size) })));
  fc.assert(
    fc.property(blocks, fc.integer({ min: 1, max: 60 }), (taken, quota) => {
      const small: PortRange = { first: 2200, last: 2400 };
      const others = [...taken];
      let placed = 0;
      for (;;) {
        const [block] = allotPorts({ within: small, own: [], others, count: quota }) ?? [];
        if (block === undefined) break;
        others.push(block);
        placed += 1;
      }
      expect(countTenantsThatFit(findFreeBlocks(small, taken), quota)).toBe(placed);
    }),
    { numRuns: 50 },
  );
});
