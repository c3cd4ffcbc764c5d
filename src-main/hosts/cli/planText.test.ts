import { expect, test } from 'vitest';
import type { TenantAction } from '../../../src-shared/model/tenants/tenantPlan.ts';
import { anEntry } from '../../../test-support/anEntry.ts';
import { aTenant } from '../../../test-support/aTenant.ts';
import { planContextSample } from '../../../test-support/planContextSample.ts';
import { preparePlan } from '../../tenants/plan.ts';
import { planText } from './planText.ts';

const observedAt = '2026-11-20T09:00:00.000Z';

function textOf(action: TenantAction): string {
  const { plan } = preparePlan({
    entry: anEntry('kiln'),
    networks: {
      contract: 1,
      portRange: { first: 2200, last: 5199 },
      refusedLogIns: [],
      tenants: [aTenant('acme', { quota: 0, suspended: true })],
    },
    observedAt,
    action,
    planContext: planContextSample(Date.parse(observedAt)),
  });
  return planText(plan);
}

test('when a change releases ports, the plan lists them; otherwise it mentions none', () => {
  expect(textOf({ kind: 'resume', clientId: 'acme', quota: 5 })).toContain('\nreleases ports 2205–2219\n');
  expect(textOf({ kind: 'remove', clientId: 'acme' })).toContain('\nreleases ports 2200–2219\n');
  expect(textOf({ kind: 'resume', clientId: 'acme', quota: 20 })).not.toContain('releases');
});
