import '../../test-support/renderer/pageSetup.ts';
import { screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import type { AuditRecord } from '../../src-shared/model/audit/audit.ts';
import type { Notification } from '../../src-shared/model/notifications/notification.ts';
import { applianceId, sampleAppliance, sampleHistory } from '../../test-support/renderer/samples.ts';
import { northwind, openTenants, panel } from '../../test-support/renderer/tenantPanel.tsx';
import { setView } from '../state/viewState.ts';

beforeEach(() => setView({ codeHelp: null, showingNotifications: false }));

const help = (name: RegExp) => screen.findByRole('dialog', { name });
const isClosed = (name: RegExp) => waitFor(() => expect(screen.queryByRole('dialog', { name })).toBeNull());

test('when a code in the table is pressed, its help opens without choosing the row or asking the console', async () => {
  const user = userEvent.setup();
  const { calls } = openTenants('#/tenants');
  const row = await screen.findByRole('row', { name: /^northwind 2204,/u });
  const before = calls.length;
  const code = within(row).getByRole('button', { name: /^T-\d{4}$/u });
  await user.click(code);
  const drawer = within(await help(new RegExp(`^${code.textContent} `, 'u')));
  expect(await drawer.findByText('Next:')).toBeDefined();
  expect(drawer.getByRole('link', { name: `All tunnels with ${code.textContent}` })).toHaveProperty(
    'hash',
    `#/tenants?q=${code.textContent}`,
  );
  expect(location.hash).toBe('#/tenants');
  expect(screen.queryByRole('row', { selected: true })).toBeNull();
  expect(calls.slice(before).filter(({ procedure }) => procedure.startsWith('ports.'))).toEqual([]);
  await user.keyboard('{Escape}');
  await isClosed(/^T-/u);
  expect(document.activeElement).toBe(code);
});

test('when a row’s menu is opened, it offers the help of the row’s code', async () => {
  const user = userEvent.setup();
  openTenants('#/tenants');
  const row = await screen.findByRole('row', { name: /^northwind 2204,/u });
  await user.click(within(row).getByTestId('chain'));
  await panel('northwind · 2204');
  await user.keyboard('{Shift>}{F10}{/Shift}');
  // Without a layout, the component library assumes that the menu is scrolled out of view.
  await user.click(await screen.findByRole('menuitem', { name: /^What T-\d{4} means$/u, hidden: true }));
  expect(await help(/^T-\d{4} /u)).toBeDefined();
});

test('when a code stands in the panel, among its drops or in its report, each leads to its help', async () => {
  const user = userEvent.setup();
  openTenants('#/tenants/kiln-01/northwind/2204', {
    'ports.detail': () => ({
      view: northwind,
      tunnel: northwind.tunnels[1],
      probe: null,
      history: {
        ...sampleHistory,
        drops: [{ at: '2026-11-20T08:30:00.000Z', code: 'T-6001', reason: 'upstream refused' }],
      },
    }),
    'ports.availability': () => ({
      tunnels: [
        {
          port: 2204,
          watchedMs: 1e9,
          upMs: 9e8,
          outages: [
            {
              start: '2026-11-20T08:30:00.000Z',
              end: null,
              seenUntil: '2026-11-20T08:45:00.000Z',
              code: 'T-3001',
              reason: 'ended',
            },
          ],
        },
      ],
    }),
  });
  const shown = within(await panel('northwind · 2204'));
  await user.click(await shown.findByRole('button', { name: /^What T-\d{4} means$/u }));
  expect(await help(/^T-\d{4} /u)).toBeDefined();
  await user.keyboard('{Escape}');
  await isClosed(/^T-/u);
  await user.click(
    within(shown.getByRole('list', { name: 'Drops' })).getByRole('button', { name: 'T-6001' }),
  );
  expect(await help(/^T-6001 upstream refused$/u)).toBeDefined();
  await user.keyboard('{Escape}');
  await isClosed(/^T-/u);
  await user.click(shown.getByRole('button', { name: 'Open report…' }));
  const report = await screen.findByRole('dialog', { name: 'Availability of northwind on kiln-01' });
  await user.click(await within(report).findByRole('button', { name: 'T-3001' }));
  expect(await help(/^T-3001 /u)).toBeDefined();
  await user.keyboard('{Escape}');
  await isClosed(/^T-3001/u);
  expect(screen.getByRole('dialog', { name: 'Availability of northwind on kiln-01' })).toBeDefined();
});

test('when a code is typed in the palette, its help is found', async () => {
  const user = userEvent.setup();
  openTenants('#/tenants');
  await screen.findByRole('row', { name: /^northwind 2204,/u });
  await user.keyboard('{Control>}k{/Control}');
  await user.type(await screen.findByRole('combobox', { name: 'Go to' }), 't-4002{Enter}');
  expect(await help(/^T-4002 stale listener$/u)).toBeDefined();
});

test('when a problem of an appliance has a tunnel code, the code opens its help; other codes are plain text', async () => {
  const user = userEvent.setup();
  const problem = { severity: 'bad', clientId: null, port: null } as const;
  openTenants('#/appliance/kiln-01', {
    'fleet.overview': () => ({
      appliances: [
        sampleAppliance({
          health: {
            tone: 'bad',
            problems: [
              { ...problem, code: 'T-4002', text: 'stale listener' },
              { ...problem, code: 'A-1001', text: 'no answer' },
            ],
          },
        }),
      ],
    }),
  });
  const health = within(await screen.findByRole('region', { name: 'Health' }));
  await user.click(health.getByRole('button', { name: 'T-4002' }));
  expect(await help(/^T-4002 /u)).toBeDefined();
  expect(health.queryByRole('button', { name: 'A-1001' })).toBeNull();
});

test('when a notification names a code, its help opens above the list, and Esc closes only the help', async () => {
  const user = userEvent.setup();
  const notification: Notification = {
    id: applianceId,
    kind: 'tunnel-down',
    applianceId,
    applianceName: 'kiln-01',
    clientId: 'northwind',
    port: 2204,
    text: 'stale listener for more than 5 min (T-4002), since 2026-11-20 09:00:00 UTC',
    raisedAt: '2026-11-20T09:00:00.000Z',
    clearedAt: null,
    seenAt: '2026-11-20T09:00:00.000Z',
    quiet: false,
  };
  openTenants('#/', { 'notifications.list': () => ({ notifications: [notification], unseen: 0 }) });
  await user.click(await screen.findByRole('button', { name: /^Notifications/u }));
  const list = within(await screen.findByRole('list', { name: 'Notifications' }));
  await user.click(list.getByRole('button', { name: 'T-4002' }));
  expect(await help(/^T-4002 /u)).toBeDefined();
  await user.keyboard('{Escape}');
  await isClosed(/^T-4002/u);
  expect(screen.getByRole('list', { name: 'Notifications' })).toBeDefined();
});

test('when an audit record names a code, its details lead to the help', async () => {
  const user = userEvent.setup();
  const start: AuditRecord = {
    seq: 3,
    at: '2026-11-20T09:30:00.000Z',
    phase: 'event',
    intentSeq: null,
    operator: 'm.ivers',
    role: 'admin',
    session: 's',
    event: 'tenant.release',
    object: 'kiln-01/northwind',
    result: 'ok',
    errorCode: null,
    source: 'web pid 1',
    destination: null,
    command: null,
    reason: 'T-4002 on 2204, T-9999 is no code',
    detail: '',
    previousHash: 'a'.repeat(64),
    hash: 'b'.repeat(64),
  };
  openTenants('#/audit', {
    'audit.actions': () => ({ actions: [{ start, outcome: null }], count: 3, head: 'b'.repeat(64) }),
  });
  await user.click(await screen.findByRole('row', { name: /^#3/u }));
  const detail = within(await screen.findByRole('complementary'));
  expect(detail.getAllByRole('button', { name: /^T-/u })).toHaveLength(1);
  await user.click(detail.getByRole('button', { name: 'T-4002' }));
  expect(await help(/^T-4002 /u)).toBeDefined();
});
