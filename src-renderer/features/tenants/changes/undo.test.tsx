import '../../../../test-support/renderer/pageSetup.ts';
import { screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { tenantActionSchema, type TenantPlan } from '../../../../src-shared/model/tenants/tenantPlan.ts';
import { throwAppError } from '../../../../test-support/renderer/fakeConsole.ts';
import { applianceId, sampleTenant, sampleTenantView } from '../../../../test-support/renderer/samples.ts';
import { TenantActions } from './TenantActions.tsx';
import { renderChanges, sampleOutcome, samplePlan } from './testing.tsx';

const view = sampleTenantView(sampleTenant({ clientId: 'northwind' }));
const suspended = {
  ...view.tenant,
  suspended: true,
  changedAt: new Date(Date.parse(view.tenant.changedAt) + 60_000).toISOString(),
};
const resume = { kind: 'resume', clientId: 'northwind', quota: 20 } as const;
const planned = z.object({ action: tenantActionSchema });

type Calls = ReturnType<typeof renderChanges>['calls'];
const inputsOf = (calls: Calls, procedure: string) =>
  calls.filter((call) => call.procedure === procedure).map((call) => call.input);

const refuse = () => throwAppError('BUSY', 'Another command holds the lock.');

const lose = () => Promise.reject(new Error('the socket is gone'));

/** Suspends northwind; planning the undo gives `undoPlan`. */
async function suspend(
  undoPlan: Partial<TenantPlan> = {},
  undo: TenantPlan['undo']['action'] = resume,
  ofUndo: Partial<Record<'tenants.plan' | 'tenants.apply', () => unknown>> = {},
) {
  const user = userEvent.setup();
  const { calls } = renderChanges(<TenantActions view={view} />, {
    'tenants.plan': (input) => {
      const { action } = planned.parse(input);
      const back = { possible: true, text: 'Resume it.', command: null, action: undo };
      if (action.kind === 'suspend') return { plan: samplePlan(action, { undo: back }) };
      return (
        ofUndo['tenants.plan']?.() ?? {
          plan: samplePlan(action, { basis: suspended.changedAt, ...undoPlan }),
        }
      );
    },
    'tenants.apply': (input) => {
      const isUndo = planned.parse(input).action.kind !== 'suspend';
      if (isUndo && ofUndo['tenants.apply'] !== undefined) return ofUndo['tenants.apply']();
      if (isUndo) return { outcome: sampleOutcome({ message: 'northwind is back.' }) };
      return { outcome: sampleOutcome({ message: 'northwind is suspended.', tenant: suspended }) };
    },
  });
  await user.click(screen.getByRole('button', { name: 'Suspend…' }));
  await user.type(await screen.findByLabelText(/^Reason/u), 'OPS-1{Enter}');
  await screen.findAllByText('northwind is suspended.');
  return { user, calls };
}

const resultCard = () => screen.queryByRole('region', { name: 'Suspend northwind' });

const undone = {
  applianceId,
  action: resume,
  basis: suspended.changedAt,
  reason: 'Undo: OPS-1',
  typedName: null,
};

test('when a change can be undone at no cost, Undo plans and applies its inverse, with the reason', async () => {
  const { user, calls } = await suspend();
  await user.click(await screen.findByRole('button', { name: 'Undo' }));
  expect(await screen.findByText('Undone')).toBeDefined();
  expect(screen.getByText('northwind is back.')).toBeDefined();
  expect(inputsOf(calls, 'tenants.plan')[1]).toEqual({ applianceId, action: resume });
  expect(inputsOf(calls, 'tenants.apply')[1]).toEqual(undone);
  expect(screen.queryByRole('dialog')).toBeNull();
  expect(resultCard()).toBeNull();
});

test('when Ctrl+Z is pressed outside a field, the last change is undone, once', async () => {
  const { user, calls } = await suspend();
  await screen.findByRole('button', { name: 'Undo' });
  await user.keyboard('{Control>}z{/Control}');
  expect(await screen.findByText('Undone')).toBeDefined();
  await user.keyboard('{Control>}z{/Control}');
  expect(inputsOf(calls, 'tenants.apply')).toHaveLength(2);
});

test.each<[string, Partial<TenantPlan>]>([
  ['ends a tunnel', { ends: [{ clientId: 'northwind', port: 2200, destination: null, since: null }] }],
  ['gives up ports', { givesUp: [{ first: 2205, last: 2219 }] }],
  ['has a warning', { warnings: ['The licence is expired.'] }],
])('when undoing %s, its plan is shown first and runs like every change', async (_cost, plan) => {
  const { user, calls } = await suspend(plan);
  await user.click(await screen.findByRole('button', { name: 'Undo' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Undo: Resume northwind' }));
  const reason = await dialog.findByLabelText<HTMLInputElement>(/^Reason/u);
  expect(reason.value).toBe('Undo: OPS-1');
  expect(inputsOf(calls, 'tenants.apply')).toHaveLength(1);
  await user.click(dialog.getByRole('button', { name: 'Resume' }));
  expect(await dialog.findByText('northwind is back.')).toBeDefined();
  expect(inputsOf(calls, 'tenants.apply')[1]).toEqual(undone);
  await user.click(dialog.getAllByRole('button', { name: 'Close' })[1] ?? document.body);
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(resultCard()).toBeNull();
});

test.each([
  ['planned', { 'tenants.plan': refuse }],
  ['applied', { 'tenants.apply': refuse }],
])('when an undo can’t be %s, it says why and that nothing was changed', async (_step, answers) => {
  const { user } = await suspend({}, resume, answers);
  await user.click(await screen.findByRole('button', { name: 'Undo' }));
  expect(await screen.findByText('Not undone')).toBeDefined();
  expect(screen.getByText('Another command holds the lock. Nothing was changed.')).toBeDefined();
  expect(resultCard()).not.toBeNull();
});

test('when the answer to an undo is lost, it never says that nothing was changed', async () => {
  const { user } = await suspend({}, resume, { 'tenants.apply': lose });
  await user.click(await screen.findByRole('button', { name: 'Undo' }));
  expect(await screen.findByText('Unknown whether it was undone')).toBeDefined();
  expect(screen.queryByText(/Nothing was changed/u)).toBeNull();
});

test('when a change has no inverse, no Undo is offered', async () => {
  await suspend({}, null);
  expect(screen.queryByRole('button', { name: 'Undo' })).toBeNull();
});

const conflict = 'northwind was changed since: quota 20 → 40. Nothing was changed.';

test.each<[string, Partial<TenantPlan>]>([
  ['costs nothing', {}],
  ['has a warning', { warnings: ['The licence is expired.'] }],
])(
  'when the tenant was changed since and the undo %s, it is refused with what changed',
  async (_cost, plan) => {
    const { user, calls } = await suspend({ basis: '2026-11-20T09:29:00.000Z', ...plan }, resume, {
      'tenants.apply': () => throwAppError('CONFLICT', conflict, { changed: ['quota 20 → 40'] }),
    });
    await user.click(await screen.findByRole('button', { name: 'Undo' }));
    expect(await screen.findByText('Not undone')).toBeDefined();
    expect(screen.getByText(conflict)).toBeDefined();
    expect(inputsOf(calls, 'tenants.apply')[1]).toEqual(undone);
    expect(screen.queryByRole('dialog')).toBeNull();
  },
);
