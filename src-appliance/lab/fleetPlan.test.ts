import { describe, expect, it } from 'vitest';
import { planFleet } from './fleetPlan.ts';

describe('planFleet', () => {
  it('when the seed is the same, plans the same fleet; when it differs, another fleet', () => {
    const size = { appliances: 3, tenants: 12 };
    expect(planFleet({ ...size, seed: 'a' })).toStrictEqual(planFleet({ ...size, seed: 'a' }));
    expect(planFleet({ ...size, seed: 'a' })).not.toStrictEqual(planFleet({ ...size, seed: 'b' }));
  });

  it('plans the third appliance as an old one, with each fault once', () => {
    const [first, second, third] = planFleet({ appliances: 3, tenants: 12, seed: 'any' });
    expect([first?.name, second?.name, third?.name]).toStrictEqual(['kiln-01', 'kiln-02', 'quay-01']);
    expect(third).toMatchObject({ version: '1.33.0', licenceDays: 19, group: 'Harbour (air-gapped)' });
    expect(third?.tenants.map(({ scenario }) => scenario)).toStrictEqual([
      'running',
      'dead',
      'suspended',
      'stale',
    ]);
    expect(third?.tenants[1]?.repositories).toHaveLength(1);
    expect(third?.tenants[3]?.repositories).toHaveLength(1);
    expect(first?.tenants.map(({ scenario }) => scenario)).toStrictEqual(
      Array.from({ length: 4 }, () => 'running'),
    );
  });

  it('plans faults at the tenants’ sites on the second appliance', () => {
    const [, second] = planFleet({ appliances: 3, tenants: 12, seed: 'any' });
    expect(second?.tenants.map(({ scenario }) => scenario)).toStrictEqual([
      'running',
      'troubled',
      'wrong-key',
      'crowded',
    ]);
    const [, troubled, , crowded] = second?.tenants ?? [];
    expect(troubled?.repositories.map(({ condition }) => condition)).toStrictEqual([
      'answers',
      'slow',
      'refuses',
    ]);
    expect(crowded?.repositories).toHaveLength((crowded?.quota ?? 0) + 1);
    const two = planFleet({ appliances: 2, tenants: 8, seed: 'any' });
    expect(two[0]?.tenants.every(({ scenario }) => scenario === 'running')).toBe(true);
  });

  it('plans every tenant once, and no tenant exceeds its quota', () => {
    const tenants = planFleet({ appliances: 7, tenants: 100, seed: 'many' }).flatMap((one) => one.tenants);
    expect(new Set(tenants.map(({ clientId }) => clientId)).size).toBe(100);
    for (const { repositories, quota, scenario } of tenants) {
      expect(repositories.length).toBeGreaterThanOrEqual(1);
      expect(repositories.length).toBeLessThanOrEqual(
        scenario === 'crowded' ? quota + 1 : Math.min(5, quota),
      );
    }
  });
});
