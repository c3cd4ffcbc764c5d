import '../../../../test-support/renderer/pageSetup.ts';
import { act, screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { useState } from 'react';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { TenantView } from '../../../../src-shared/contract/tenants.ts';
import { tenantActionSchema } from '../../../../src-shared/model/tenants/tenantPlan.ts';
import { throwAppError } from '../../../../test-support/renderer/fakeConsole.ts';
import { applianceId, sampleTenant, sampleTenantView } from '../../../../test-support/renderer/samples.ts';
import button from '../../../ui/layout/Button.module.css';
import { localMoments } from '../../../ui/feedback/Moment.tsx';
import { TenantActions } from './TenantActions.tsx';
import { renderChanges, sampleOutcome, samplePlan } from './testing.tsx';

const view = sampleTenantView(sampleTenant({ clientId: 'northwind' }));
const suspend = { kind: 'suspend', clientId: 'northwind' } as const;
const manyEnds = Array.from({ length: 20 }, (_, index) => ({
  clientId: 'northwind',
  port: 2200 + index,
  destination: `smb://files-${index}.nw.lan:445`,
  since: '2026-11-14T07:30:00.000Z',
}));

const planned = z.object({ action: tenantActionSchema });
/** Answers every request for a plan with a plan that `change` alters. */
function planning(change: Parameters<typeof samplePlan>[1] = {}) {
  return (input: unknown) => ({ plan: samplePlan(planned.parse(input).action, change) });
}

function inputsOf(calls: readonly { procedure: string; input: unknown }[], procedure: string): unknown[] {
  return calls.filter((call) => call.procedure === procedure).map((call) => call.input);
}

async function card(name: string) {
  return within(await screen.findByRole('region', { name }));
}

test('when a change is planned, its commands, ended tunnels, differences and undo are shown before anything runs', async () => {
  const user = userEvent.setup();
  const { calls } = renderChanges(<TenantActions view={view} />, {
    'tenants.plan': planning({
      ends: manyEnds,
      after: { quota: 0, ports: [{ first: 2200, last: 2219 }] },
      warnings: ['a warning\u202e'],
    }),
  });
  await user.click(screen.getByRole('button', { name: 'Suspend…' }));
  const plan = await card('Suspend northwind');
  // Once in the head, and once beside the button, where it stays visible.
  expect(await plan.findAllByText('ends 20 tunnels')).toHaveLength(2);
  expect(plan.getByLabelText(/^Command/u).textContent).toBe('ke_manage_remote_networks suspend northwind');
  expect(plan.getByText(/ubuntu, over sudo/u).textContent).toMatch(/^Runs on kiln-01 as ubuntu, over sudo:/u);
  expect(within(plan.getByRole('list', { name: 'Ends' })).getAllByRole('listitem')).toHaveLength(6);
  await user.click(plan.getByRole('button', { name: 'and 14 more' }));
  expect(within(plan.getByRole('list', { name: 'Ends' })).getAllByRole('listitem')).toHaveLength(20);
  expect(plan.getByRole('list', { name: 'Before and after' }).textContent).toContain('Quota20→0');
  expect(plan.getByText(/a warning⟨U\+202E⟩/u)).toBeDefined();
  expect(plan.getByText('change 20 northwind')).toBeDefined();
  expect(inputsOf(calls, 'tenants.plan')).toEqual([{ applianceId, action: suspend }]);
  expect(inputsOf(calls, 'tenants.apply')).toEqual([]);
});

test('when a change gives up ports, the plan names them', async () => {
  const user = userEvent.setup();
  renderChanges(<TenantActions view={view} />, {
    'tenants.plan': planning({
      after: { quota: 5, ports: [{ first: 2200, last: 2204 }] },
      givesUp: [{ first: 2205, last: 2219 }],
    }),
  });
  await user.click(screen.getByRole('button', { name: 'Suspend…' }));
  const plan = await card('Suspend northwind');
  const difference = await plan.findByRole('list', { name: 'Before and after' });
  expect(difference.textContent).toContain('2200–2204 releases 2205–2219');
});

test('when a reason is entered, the change runs as planned and its result is shown', async () => {
  const user = userEvent.setup();
  const { calls } = renderChanges(<TenantActions view={view} />, {
    'tenants.plan': planning(),
    'tenants.apply': () => ({
      outcome: sampleOutcome({ message: 'northwind is suspended.', endedSessions: 2 }),
    }),
  });
  await user.click(screen.getByRole('button', { name: 'Suspend…' }));
  const plan = await card('Suspend northwind');
  const reason = await plan.findByLabelText('Reason or ticket (kept in the audit trail)');
  expect(document.activeElement).toBe(reason);
  expect(plan.getByRole<HTMLButtonElement>('button', { name: 'Suspend' }).disabled).toBe(true);
  await user.type(reason, '   {Enter}');
  expect(inputsOf(calls, 'tenants.apply')).toEqual([]);
  await user.type(reason, 'OPS-1{Enter}');
  expect(await plan.findByText(/northwind is suspended\./u)).toBeDefined();
  expect(inputsOf(calls, 'tenants.apply')).toEqual([
    { applianceId, action: suspend, basis: view.tenant.changedAt, reason: 'OPS-1', typedName: null },
  ]);
  expect(plan.getByText(/can’t connect until it is resumed/u)).toBeDefined();
  const button = screen.getByRole('button', { name: 'Suspend…' });
  await user.click(plan.getByRole('button', { name: 'Close' }));
  expect(screen.queryByRole('region', { name: 'Suspend northwind' })).toBeNull();
  await waitFor(() => expect(document.activeElement).toBe(button));
});

test('when Esc is pressed, the plan closes and nothing runs', async () => {
  const user = userEvent.setup();
  const { calls } = renderChanges(<TenantActions view={view} />, { 'tenants.plan': planning() });
  await user.click(screen.getByRole('button', { name: 'Suspend…' }));
  const plan = await card('Suspend northwind');
  await user.type(await plan.findByLabelText(/^Reason/u), 'OPS-1{Escape}');
  expect(screen.queryByRole('region', { name: 'Suspend northwind' })).toBeNull();
  expect(inputsOf(calls, 'tenants.apply')).toEqual([]);
});

test('when a change can’t be undone, requires the name and sends nothing for a wrong one', async () => {
  const user = userEvent.setup();
  const { calls } = renderChanges(<TenantActions view={view} />, {
    'tenants.plan': planning({ confirmName: 'northwind', after: null }),
    'tenants.apply': () => ({ outcome: sampleOutcome() }),
  });
  await user.click(screen.getByRole('button', { name: /^More actions on/u }));
  await user.click(await screen.findByRole('menuitem', { name: /^Remove/u }));
  const plan = await card('Remove northwind');
  await user.type(await plan.findByLabelText(/^Reason/u), 'gone{Enter}');
  const name = plan.getByLabelText('Type northwind to confirm');
  await user.type(name, 'northwind2{Enter}');
  expect(plan.getByText('Doesn’t match.')).toBeDefined();
  expect(inputsOf(calls, 'tenants.apply')).toEqual([]);
  await user.type(name, '{Backspace}{Enter}');
  await plan.findByText(/It was done\./u);
  expect(inputsOf(calls, 'tenants.apply')).toMatchObject([{ typedName: 'northwind' }]);
});

test('when planning fails, the reason is shown and planning can be retried', async () => {
  const user = userEvent.setup();
  let isReady = false;
  renderChanges(<TenantActions view={view} />, {
    'tenants.plan': (input) =>
      isReady ? planning()(input) : throwAppError('LINK_NOT_READY', 'kiln-01 is not connected.'),
  });
  await user.click(screen.getByRole('button', { name: 'Suspend…' }));
  const plan = await card('Suspend northwind');
  expect(await plan.findByText('LINK_NOT_READY')).toBeDefined();
  expect(plan.getByText('Nothing was changed.')).toBeDefined();
  isReady = true;
  await user.click(plan.getByRole('button', { name: 'Plan again' }));
  expect(await plan.findByLabelText(/^Reason/u)).toBeDefined();
});

/** The format of src-main/tenants/conflict.ts. */
const changedMeanwhile =
  'Someone else changed northwind after the plan: its quota went from 20 to 40 at 2026-11-20 09:30:01 UTC. Nothing was changed. Plan it again.';

test('when another change came first, shows what changed, and only a new plan can run', async () => {
  const user = userEvent.setup();
  let attempts = 0;
  const { calls } = renderChanges(<TenantActions view={view} />, {
    'tenants.plan': (input) => planning(attempts === 0 ? {} : { basis: '2026-11-20T09:30:01.000Z' })(input),
    'tenants.apply': () => {
      attempts += 1;
      return attempts === 1
        ? throwAppError('CONFLICT', changedMeanwhile, { changed: ['its quota went from 20 to 40'] })
        : { outcome: sampleOutcome() };
    },
  });
  await user.click(screen.getByRole('button', { name: 'Suspend…' }));
  const plan = await card('Suspend northwind');
  await user.type(await plan.findByLabelText(/^Reason/u), 'OPS-1{Enter}');
  const message = await plan.findByText(/^Someone else changed/u);
  expect(message.textContent).toBe(localMoments(changedMeanwhile));
  expect(plan.queryByText('Nothing was changed.')).toBeNull();
  expect(plan.queryByRole('button', { name: 'Suspend' })).toBeNull();
  await user.click(plan.getByRole('button', { name: 'Plan again' }));
  await waitFor(() => expect(plan.queryByText('CONFLICT')).toBeNull());
  await user.type(await plan.findByLabelText(/^Reason/u), 'OPS-1{Enter}');
  await plan.findByText(/It was done\./u);
  expect(inputsOf(calls, 'tenants.apply').at(-1)).toMatchObject({ basis: '2026-11-20T09:30:01.000Z' });
});

test('when the appliance reports a conflict, nothing was changed', async () => {
  const user = userEvent.setup();
  renderChanges(<TenantActions view={view} />, {
    'tenants.plan': planning(),
    'tenants.apply': () =>
      throwAppError(
        'CONFLICT',
        'ke_manage_remote_networks: northwind has 8 keys already; wait for one to end',
        {
          command: 'ke_manage_remote_networks',
          exitCode: 3,
        },
      ),
  });
  await user.click(screen.getByRole('button', { name: 'Suspend…' }));
  const plan = await card('Suspend northwind');
  await user.type(await plan.findByLabelText(/^Reason/u), 'OPS-1{Enter}');
  expect(await plan.findByText(/has 8 keys already/u)).toBeDefined();
  expect(plan.getByText('Nothing was changed.')).toBeDefined();
});

test('when the appliance refuses the change, the plan and the typed reason stay for another try', async () => {
  const user = userEvent.setup();
  renderChanges(<TenantActions view={view} />, {
    'tenants.plan': planning(),
    'tenants.apply': () => throwAppError('BUSY', 'Another command holds the lock.'),
  });
  await user.click(screen.getByRole('button', { name: 'Suspend…' }));
  const plan = await card('Suspend northwind');
  await user.type(await plan.findByLabelText(/^Reason/u), 'OPS-1{Enter}');
  expect(await plan.findByText('Another command holds the lock.')).toBeDefined();
  expect(plan.getByText('Nothing was changed.')).toBeDefined();
  expect(plan.getByLabelText<HTMLInputElement>(/^Reason/u).value).toBe('OPS-1');
  expect(plan.getByRole<HTMLButtonElement>('button', { name: 'Suspend' }).disabled).toBe(false);
});

test.each([
  ['not-done', 'not done', 'COMMAND_FAILED', /Nothing was changed on kiln-01/u],
  ['unknown', 'unknown', 'LINK_LOST', /Check before you try again/u],
] as const)(
  'when the result is %s, it is shown as %s with the next step',
  async (state, word, code, next) => {
    const user = userEvent.setup();
    const { calls } = renderChanges(<TenantActions view={view} />, {
      'tenants.plan': planning(),
      'tenants.apply': () => ({
        outcome: sampleOutcome({ state, code, message: 'The link was cut.', leftover: '/tmp/x' }),
      }),
    });
    await user.click(screen.getByRole('button', { name: 'Suspend…' }));
    const plan = await card('Suspend northwind');
    await user.type(await plan.findByLabelText(/^Reason/u), 'OPS-1{Enter}');
    await plan.findByText(/The link was cut\./u);
    expect(plan.getAllByText(word).length).toBeGreaterThan(0);
    expect(plan.getByText(code)).toBeDefined();
    expect(plan.getByText(next)).toBeDefined();
    expect(plan.getByText('/tmp/x')).toBeDefined();
    if (state !== 'unknown') return;
    await user.click(plan.getByRole('button', { name: 'Refresh' }));
    expect(inputsOf(calls, 'fleet.refresh')).toEqual([{ id: applianceId }]);
  },
);

test('when no answer comes, the result is unknown, never “nothing was changed”', async () => {
  const user = userEvent.setup();
  renderChanges(<TenantActions view={view} />, {
    'tenants.plan': planning(),
    'tenants.apply': () => Promise.reject(new Error('the socket is gone')),
  });
  await user.click(screen.getByRole('button', { name: 'Suspend…' }));
  const plan = await card('Suspend northwind');
  await user.type(await plan.findByLabelText(/^Reason/u), 'OPS-1{Enter}');
  expect(await plan.findByText(/The page lost the connection to the console/u)).toBeDefined();
  expect(plan.queryByText(/Nothing was changed/u)).toBeNull();
});

test('when a tenant is resumed, its old quota is planned at once; the form says how full another makes the appliance', async () => {
  const user = userEvent.setup();
  const suspended: TenantView = {
    ...sampleTenantView(
      sampleTenant({ clientId: 'northwind', suspended: true, quota: 0, sessions: [], forwards: [] }),
    ),
    quotaBefore: 40,
  };
  const { calls } = renderChanges(<TenantActions view={suspended} />, { 'tenants.plan': planning() });
  expect(screen.queryByRole('button', { name: 'Suspend…' })).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Resume…' }));
  // The console knows the old quota, so the plan comes at once.
  expect(await screen.findByLabelText(/^Reason/u)).toBeDefined();
  expect(inputsOf(calls, 'tenants.plan')).toEqual([
    { applianceId, action: { kind: 'resume', clientId: 'northwind', quota: 40 } },
  ]);
  await user.click(screen.getByRole('button', { name: 'Different quota…' }));
  const form = await card('Resume northwind');
  const quota = form.getByLabelText<HTMLInputElement>('Quota (ports)');
  expect(quota.value).toBe('40');
  expect(form.getByText('2200–2219')).toBeDefined();
  expect((await form.findByTestId('quota-use')).textContent).toBe(
    'After the change: 40 of 3000 ports allocated, 1 %',
  );
  await user.clear(quota);
  await user.type(quota, '5');
  expect(form.getByText(/Keeps ports/u).textContent).toBe('Keeps ports 2200–2204. Releases 2205–2219');
  await user.clear(quota);
  await user.type(quota, '3001{Enter}');
  expect(form.getByText('A whole number from 1 to 3000.')).toBeDefined();
  expect(inputsOf(calls, 'tenants.plan')).toHaveLength(1);
  await user.clear(quota);
  await user.type(quota, '30{Enter}');
  await screen.findByLabelText(/^Reason/u);
  expect(inputsOf(calls, 'tenants.plan')[1]).toEqual({
    applianceId,
    action: { kind: 'resume', clientId: 'northwind', quota: 30 },
  });
  await user.click(screen.getByRole('button', { name: 'Different quota…' }));
  expect(await screen.findByLabelText('Quota (ports)')).toBeDefined();
});

test('when a port has a stale listener, it can be ended, and its port and process are named', async () => {
  const user = userEvent.setup();
  const base = sampleTenant({ clientId: 'northwind' });
  const stale = sampleTenantView({
    ...base,
    forwards: base.forwards.map((forward) => ({
      ...forward,
      sessionPid: null,
      listener: { address: '127.0.0.1', pid: 4242 },
    })),
  });
  expect(stale.tunnels[0]?.code).toBe('T-4002');
  const { calls } = renderChanges(<TenantActions view={stale} />, { 'tenants.plan': planning() });
  await user.click(screen.getByRole('button', { name: 'End stale listener 2200 (pid 4242)' }));
  const plan = await card('End stale listener on 2200');
  expect(await plan.findByRole('button', { name: 'End stale listener' })).toBeDefined();
  expect(inputsOf(calls, 'tenants.plan')).toEqual([
    { applianceId, action: { kind: 'release', clientId: 'northwind', port: 2200, pid: 4242 } },
  ]);
});

/** A panel that closes when its row leaves the table. */
function Panel({ shown }: { shown: Promise<void> }) {
  const [isThere, setIsThere] = useState(true);
  void shown.then(() => setIsThere(false));
  return isThere ? <TenantActions view={view} /> : <p>no row</p>;
}

test('when the tenant’s panel is gone, still shows the result', async () => {
  const user = userEvent.setup();
  const { promise: left, resolve: leave } = Promise.withResolvers<void>();
  const { promise: answered, resolve: answer } = Promise.withResolvers<unknown>();
  renderChanges(<Panel shown={left} />, {
    'tenants.plan': planning(),
    'tenants.apply': () => answered,
  });
  await user.click(screen.getByRole('button', { name: 'Suspend…' }));
  await user.type(await screen.findByLabelText(/^Reason/u), 'OPS-1{Enter}');
  await act(async () => leave());
  await screen.findByText('no row');
  await act(async () => answer({ outcome: sampleOutcome({ message: 'northwind is suspended.' }) }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Change of northwind' }));
  expect(await dialog.findByText(/northwind is suspended\./u)).toBeDefined();
});

test.each([
  ['left the page', '#/syslog', 0],
  ['stayed, and the row left the table', '', 1],
])('when the user saw the result and %s, dialogs: %s', async (_how, hash, dialogs) => {
  const user = userEvent.setup();
  const { promise: left, resolve: leave } = Promise.withResolvers<void>();
  renderChanges(<Panel shown={left} />, {
    'tenants.plan': planning(),
    'tenants.apply': () => ({ outcome: sampleOutcome({ message: 'northwind is suspended.' }) }),
  });
  await user.click(screen.getByRole('button', { name: 'Suspend…' }));
  await user.type(await screen.findByLabelText(/^Reason/u), 'OPS-1{Enter}');
  await screen.findByText(/northwind is suspended\./u);
  location.hash = hash;
  await act(async () => leave());
  await screen.findByText('no row');
  expect(screen.queryAllByRole('dialog')).toHaveLength(dialogs);
  location.hash = '';
});

test('when a plan is no longer shown, drops it', async () => {
  const user = userEvent.setup();
  const { promise: left, resolve: leave } = Promise.withResolvers<void>();
  renderChanges(<Panel shown={left} />, { 'tenants.plan': planning() });
  await user.click(screen.getByRole('button', { name: 'Suspend…' }));
  await screen.findByLabelText(/^Reason/u);
  await act(async () => leave());
  await screen.findByText('no row');
  expect(screen.queryByRole('dialog')).toBeNull();
});

test.each([
  ['ends tunnels', manyEnds, true],
  ['ends nothing', [], false],
])('when a new quota %s, the tone of its button says so', async (_, ends, isRed) => {
  const user = userEvent.setup();
  renderChanges(<TenantActions view={view} />, { 'tenants.plan': planning({ ends }) });
  await user.click(screen.getByRole('button', { name: 'Change quota…' }));
  const form = await card('Change the quota of northwind');
  await user.clear(form.getByLabelText('Quota (ports)'));
  await user.type(form.getByLabelText('Quota (ports)'), '1{Enter}');
  await screen.findByLabelText(/^Reason/u);
  const run = screen.getByRole('button', { name: 'Change quota' });
  expect(run.className.includes(button.danger)).toBe(isRed);
});
