import { expect, test } from 'vitest';
import { aTenant } from '../../test-support/aTenant.ts';
import { anEntry } from '../../test-support/anEntry.ts';
import { planContextSample } from '../../test-support/planContextSample.ts';
import { AppError } from '../../src-shared/errors.ts';
import { createOutcome } from './outcome.ts';
import { preparePlan } from './plan.ts';

const at = '2026-11-20T09:00:00.000Z';
const tenant = aTenant('acme');

function prepared() {
  return preparePlan({
    entry: anEntry('kiln'),
    networks: {
      contract: 1,
      portRange: { first: 2200, last: 5199 },
      tenants: [tenant],
      refusedLogIns: [],
    },
    observedAt: at,
    action: { kind: 'suspend', clientId: 'acme' },
    planContext: planContextSample(Date.parse(at)),
  });
}

test("when the appliance's reason has no full stop, the next sentence is still apart from it", () => {
  const failure = new AppError('COMMAND_FAILED', 'ke_manage_remote_networks: the disk is full');
  const { message } = createOutcome({
    prepared: prepared(),
    change: null,
    remainingFile: null,
    failure,
    now: tenant,
    observedAt: at,
    effect: 'unchanged',
  });
  expect(message).toBe(
    'ke_manage_remote_networks: the disk is full. Nothing was changed: kiln shows acme as it was before.',
  );
});
