import '../../../../test-support/renderer/pageSetup.ts';
import { screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { tenantActionSchema } from '../../../../src-shared/model/tenants/tenantPlan.ts';
import { throwAppError } from '../../../../test-support/renderer/fakeConsole.ts';
import {
  applianceId,
  observedAt,
  sampleRows,
  sampleTenant,
  sampleTenantView,
} from '../../../../test-support/renderer/samples.ts';
import { renderChanges, sampleOutcome, samplePlan } from '../changes/testing.tsx';
import { BulkBar, tenantsOf } from './BulkBar.tsx';
import { BulkDialog } from './BulkDialog.tsx';
import { type BulkKind, closeBulk, openBulk } from './bulkRequest.ts';

afterEach(closeBulk);

const action = z.object({ action: tenantActionSchema });
const clientOf = (input: unknown) => action.parse(input).action.clientId;

const ends = (clientId: string) => [
  { clientId, port: 2200, destination: `smb://${clientId}:445`, since: observedAt },
];

const plan = (input: unknown) => {
  const asked = action.parse(input).action;
  return { plan: samplePlan(asked, { ends: ends(asked.clientId), basis: observedAt }) };
};

async function openDialog(
  kind: BulkKind,
  names: readonly string[],
  answers: Parameters<typeof renderChanges>[1],
) {
  const user = userEvent.setup();
  const opened = renderChanges(<BulkDialog />, { 'tenants.plan': plan, ...answers });
  openBulk({ kind, tenants: names.map((clientId) => ({ applianceId, applianceName: 'kiln-01', clientId })) });
  const dialog = within(await screen.findByRole('dialog'));
  const applied = () =>
    opened.calls.filter(({ procedure }) => procedure === 'tenants.apply').map(({ input }) => input);
  const result = (clientId: string) => dialog.getByRole('listitem', { name: clientId }).textContent;
  return { user, dialog, applied, result, ...opened };
}

test('when several tenants are suspended, one plan lists what ends for each, and each is applied with its own basis', async () => {
  const { user, dialog, applied, result } = await openDialog('suspend', ['acme', 'globex'], {
    'tenants.apply': () => ({ outcome: sampleOutcome() }),
  });
  const plans = within(await dialog.findByRole('list', { name: 'Plans' }));
  for (const clientId of ['acme', 'globex']) {
    expect(plans.getByLabelText(`Command for ${clientId}`).textContent).toContain(`suspend ${clientId}`);
    expect(plans.getByText(`smb://${clientId}:445`)).toBeDefined();
  }
  expect(dialog.getByText('2 tenants, ends 2 tunnels')).toBeDefined();
  const press = dialog.getByRole<HTMLButtonElement>('button', { name: 'Suspend 2 tenants' });
  expect(press.disabled).toBe(true);
  await user.type(dialog.getByLabelText(/^Reason/u), 'OPS-1');
  await user.click(press);
  expect(await dialog.findByText('All 2 suspended.')).toBeDefined();
  expect(applied()).toEqual(
    ['acme', 'globex'].map((clientId) => ({
      applianceId,
      action: { kind: 'suspend', clientId },
      basis: observedAt,
      reason: 'OPS-1',
      typedName: null,
    })),
  );
  expect(result('globex')).toContain('done');
});

test('when one of them fails, the run stops and says which were not started', async () => {
  const { user, dialog, applied, result } = await openDialog('suspend', ['acme', 'globex', 'initech'], {
    'tenants.apply': (input) =>
      clientOf(input) === 'globex'
        ? throwAppError('CONFLICT', 'globex was changed since the plan.')
        : { outcome: sampleOutcome() },
  });
  await user.type(await dialog.findByLabelText(/^Reason/u), 'OPS-1');
  await user.click(dialog.getByRole('button', { name: 'Suspend 3 tenants' }));
  expect(await dialog.findByText('1 of 3 suspended. 1 was not started.')).toBeDefined();
  expect(applied()).toHaveLength(2);
  expect(result('acme')).toContain('done');
  expect(result('globex')).toContain('CONFLICT globex was changed since the plan.');
  expect(result('initech')).toContain('not started');
});

test('when a tenant can’t be planned, it is left out and named with its reason', async () => {
  const { user, dialog, applied } = await openDialog('suspend', ['acme', 'globex'], {
    'tenants.plan': (input) =>
      clientOf(input) === 'acme' ? throwAppError('NOT_FOUND', 'acme is not on kiln-01.') : plan(input),
    'tenants.apply': () => ({ outcome: sampleOutcome() }),
  });
  expect((await dialog.findByRole('alert')).textContent).toContain('acme NOT_FOUND acme is not on kiln-01.');
  await user.type(dialog.getByLabelText(/^Reason/u), 'OPS-1');
  await user.click(dialog.getByRole('button', { name: 'Suspend 1 tenant' }));
  expect(await dialog.findByText('1 suspended.')).toBeDefined();
  expect(applied()).toHaveLength(1);
});

test('when tenants are resumed, each gets the quota back that it had; one whose quota is unknown is left out', async () => {
  const { user, dialog, applied } = await openDialog('resume', ['acme', 'globex'], {
    'tenants.list': () => ({
      tenants: [
        {
          ...sampleTenantView(sampleTenant({ clientId: 'acme', suspended: true, quota: 0 })),
          quotaBefore: 7,
        },
        sampleTenantView(sampleTenant({ clientId: 'globex', suspended: true, quota: 0 })),
      ],
    }),
    'tenants.apply': () => ({ outcome: sampleOutcome() }),
  });
  expect((await dialog.findByRole('alert')).textContent).toContain('globex');
  await user.type(dialog.getByLabelText(/^Reason/u), 'OPS-1');
  await user.click(dialog.getByRole('button', { name: 'Resume 1 tenant' }));
  await dialog.findByText('1 resumed.');
  expect(applied()).toMatchObject([{ action: { kind: 'resume', clientId: 'acme', quota: 7 } }]);
});

test('when a tenant of a cluster is resumed from a member, its quota comes from the list of that member', async () => {
  const { user, dialog, applied, calls } = await openDialog('resume', ['acme'], {
    // The list of all appliances shows the tenant at another member.
    'tenants.list': (input) => ({
      tenants:
        z.object({ applianceId: z.string().nullable() }).parse(input).applianceId === applianceId
          ? [
              {
                ...sampleTenantView(sampleTenant({ clientId: 'acme', suspended: true, quota: 0 })),
                quotaBefore: 7,
              },
            ]
          : [],
    }),
    'tenants.apply': () => ({ outcome: sampleOutcome() }),
  });
  await user.type(await dialog.findByLabelText(/^Reason/u), 'OPS-1');
  await user.click(dialog.getByRole('button', { name: 'Resume 1 tenant' }));
  await dialog.findByText('1 resumed.');
  expect(applied()).toMatchObject([{ applianceId, action: { quota: 7 } }]);
  expect(calls.filter(({ procedure }) => procedure === 'tenants.list')).toMatchObject([
    { input: { applianceId } },
  ]);
});

test.each([
  ['the error does not say that nothing was changed', {}, 'unknown'],
  ['the error says that nothing was changed', { changedNothing: true }, 'not done'],
])('when the console fails and %s, the row says so', async (_why, detail, shown) => {
  const { user, dialog, result } = await openDialog('suspend', ['acme'], {
    'tenants.apply': () => throwAppError('STORE_FAILED', 'The database is locked.', detail),
  });
  await user.type(await dialog.findByLabelText(/^Reason/u), 'OPS-1');
  await user.click(dialog.getByRole('button', { name: 'Suspend 1 tenant' }));
  await waitFor(() => expect(result('acme')).toContain(shown));
});

test('when keys are rotated, the next tenant waits until the key before it is saved, and one key is shown at a time', async () => {
  const { user, dialog, applied, result } = await openDialog('rotate', ['acme', 'globex'], {
    'tenants.apply': (input) => ({ outcome: sampleOutcome({ privateKey: `KEY OF ${clientOf(input)}.` }) }),
  });
  await user.click(dialog.getByRole('button', { name: 'Show plans' }));
  await user.type(await dialog.findByLabelText(/^Reason/u), 'OPS-1');
  await user.click(dialog.getByRole('button', { name: 'Rotate keys of 2 tenants' }));
  for (const [index, clientId] of ['acme', 'globex'].entries()) {
    const card = within(await dialog.findByRole('region', { name: 'Private key' }));
    await card.findByText(`Private key of ${clientId}`);
    expect(applied()).toHaveLength(index + 1);
    expect(dialog.queryByText('running…')).toBeNull();
    expect(result('globex')?.includes('waiting')).toBe(clientId === 'acme');
    await user.click(card.getByRole('button', { name: 'Show' }));
    expect(document.body.textContent.match(/KEY OF \w+\./gu)).toEqual([`KEY OF ${clientId}.`]);
    await user.keyboard('{Escape}');
    const goOn = dialog.getByRole<HTMLButtonElement>('button', { name: 'Continue' });
    expect(goOn.disabled).toBe(true);
    await user.click(card.getByLabelText('I have saved it'));
    await user.click(goOn);
  }
  expect(await dialog.findByText('All 2 rotated.')).toBeDefined();
  expect(document.body.textContent).not.toContain('KEY OF');
  expect(applied()).toMatchObject([
    { action: { kind: 'rotate', key: { from: 'generated' }, overlapHours: 24 } },
    { action: { kind: 'rotate', clientId: 'globex' } },
  ]);
});

test('when rows are selected, each tenant counts once, and its tunnels are tested one by one', async () => {
  const user = userEvent.setup();
  const base = sampleTenant({ clientId: 'acme' });
  const [first] = base.forwards;
  if (first === undefined) throw new Error('no forward');
  const rows = [
    { ...base, forwards: [first, { ...first, port: 2201 }] },
    sampleTenant({ clientId: 'globex', suspended: true, sessions: [], forwards: [] }),
  ].flatMap((tenant) => sampleRows(sampleTenantView(tenant)));
  expect(tenantsOf(rows).map(({ clientId }) => clientId)).toEqual(['acme', 'globex']);
  const { calls } = renderChanges(<BulkBar name="all" rows={rows} onClear={() => undefined} />, {
    'ports.probe': (input) => ({
      probed: 1,
      ok: z.object({ port: z.int() }).parse(input).port === 2200 ? 1 : 0,
      milliseconds: 3,
    }),
  });
  const bar = within(screen.getByRole('region', { name: 'Selection' }));
  expect(await bar.findByRole('button', { name: 'Suspend…' })).toBeDefined();
  expect(bar.getByRole('button', { name: 'Resume…' })).toBeDefined();
  expect(bar.getByText('3 tunnels of 2 tenants selected')).toBeDefined();
  await user.click(bar.getByRole('button', { name: 'Test' }));
  await waitFor(() => expect(bar.getByRole('status').textContent).toBe('2 tested, 1 OK'));
  expect(calls.filter(({ procedure }) => procedure === 'ports.probe').map(({ input }) => input)).toEqual([
    { applianceId, clientId: 'acme', port: 2200 },
    { applianceId, clientId: 'acme', port: 2201 },
  ]);
});
