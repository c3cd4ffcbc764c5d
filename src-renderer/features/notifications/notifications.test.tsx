import '../../../test-support/renderer/pageSetup.ts';
import { act, render, screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import type { Notification } from '../../../src-shared/model/notifications/notification.ts';
import { App } from '../../app/App.tsx';
import { setView } from '../../state/viewState.ts';
import { createFakeConsole } from '../../../test-support/renderer/fakeConsole.ts';
import { applianceId, sampleAppliance } from '../../../test-support/renderer/samples.ts';
import { collectNew } from './popUps.ts';

function sample(number: number, change: Partial<Notification> = {}): Notification {
  return {
    id: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
    kind: 'tunnel-down',
    applianceId,
    applianceName: 'kiln-01',
    clientId: 'northwind',
    port: 2204,
    text: `northwind 2204 is down, number ${number}`,
    raisedAt: '2026-11-20T09:00:00.000Z',
    clearedAt: null,
    seenAt: null,
    quiet: false,
    ...change,
  };
}

beforeEach(() => {
  location.hash = '#/';
  setView({ showingNotifications: false });
});

test('only what is new, loud, unseen and goes on pops up, and once', () => {
  const known = new Set([sample(1).id]);
  const list = [
    sample(1),
    sample(2),
    sample(3, { quiet: true }),
    sample(4, { seenAt: '2026-11-20T09:10:00.000Z' }),
    sample(5, { clearedAt: '2026-11-20T09:10:00.000Z' }),
  ];
  expect(collectNew(list, known).map(({ id }) => id)).toEqual([sample(2).id]);
  expect(collectNew(list, known)).toEqual([]);
});

test('the bell counts, the list leads to the tunnel, and what was looked at is seen', async () => {
  const user = userEvent.setup();
  let list = [sample(2), sample(1, { seenAt: '2026-11-20T09:10:00.000Z', quiet: true })];
  const { connection, calls } = createFakeConsole({
    'fleet.overview': () => ({ appliances: [sampleAppliance()] }),
    'notifications.list': () => ({
      notifications: list,
      unseen: list.filter((one) => one.seenAt === null).length,
    }),
    'notifications.markSeen': () => {
      list = list.map((one) => ({ ...one, seenAt: '2026-11-20T09:20:00.000Z' }));
      return {};
    },
  });
  render(<App connection={connection} />);
  connection.start();
  await user.click(await screen.findByRole('button', { name: 'Notifications, 1 unseen' }));
  const drawer = within(await screen.findByRole('dialog', { name: 'Notifications' }));
  const items = within(await drawer.findByRole('list', { name: 'Notifications' })).getAllByRole('listitem');
  expect(items).toHaveLength(2);
  expect(items[1]?.textContent).toContain('in quiet hours');
  await user.click(drawer.getByRole('link', { name: /number 2/u }));
  expect(location.hash).toBe('#/appliance/kiln-01/tenants/northwind/2204');
  expect(calls.find((call) => call.procedure === 'notifications.markSeen')?.input).toEqual({
    ids: [sample(2).id],
  });
  expect(await screen.findByRole('button', { name: 'Notifications' })).toBeDefined();
});

test('a long list is drawn in part, and all of it is marked as seen at once', async () => {
  const user = userEvent.setup();
  let seenAt: string | null = null;
  const { connection, calls } = createFakeConsole({
    'notifications.list': () => ({
      notifications: Array.from({ length: 1203 }, (_, index) => sample(index, { seenAt, quiet: true })),
      unseen: seenAt === null ? 1203 : 0,
    }),
    'notifications.markSeen': () => {
      seenAt = '2026-11-20T09:20:00.000Z';
      return {};
    },
  });
  render(<App connection={connection} />);
  connection.start();
  await user.click(await screen.findByRole('button', { name: 'Notifications, 1203 unseen' }));
  const drawer = within(await screen.findByRole('dialog', { name: 'Notifications' }));
  const list = await drawer.findByRole('list', { name: 'Notifications' });
  expect(within(list).getAllByRole('link')).toHaveLength(200);
  expect(list.lastElementChild?.textContent).toBe('and 1003 more');
  await user.click(drawer.getByRole('button', { name: 'Mark all as seen' }));
  expect(calls.find((call) => call.procedure === 'notifications.markSeen')?.input).toEqual({ all: true });
  expect(await screen.findByRole('button', { name: 'Notifications' })).toBeDefined();
});

test('what is raised while the page is open pops up once, with a way to the tunnel', async () => {
  let list = [sample(1)];
  const waiting: (() => void)[] = [];
  async function* changes() {
    for (;;) {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
      });
      yield { appliances: [], removed: [], prompts: false, audit: false, ports: false, notifications: true };
    }
  }
  const { connection, calls } = createFakeConsole({
    'fleet.watch': () => changes(),
    'notifications.list': () => ({ notifications: list, unseen: list.length }),
  });
  render(<App connection={connection} />);
  connection.start();
  const readings = () => calls.filter((call) => call.procedure === 'notifications.list').length;
  const readAgain = async (): Promise<void> => {
    const before = readings();
    act(() => waiting.at(-1)?.());
    await waitFor(() => expect(readings()).toBeGreaterThan(before));
  };
  await screen.findByRole('button', { name: 'Notifications, 1 unseen' });
  list = [sample(2), ...list];
  await readAgain();
  const link = await screen.findByRole('link', { name: 'View tunnel' });
  expect(screen.getByText('Tunnel down · northwind 2204 on kiln-01')).toBeDefined();
  expect(link.getAttribute('href')).toBe('#/appliance/kiln-01/tenants/northwind/2204');
  await readAgain();
  expect(screen.getAllByText(/number 2/u)).toHaveLength(1);
  expect(screen.queryByText(/number 1/u)).toBeNull();
  // At most three are shown at a time.
  await userEvent.setup().click(link);
  const more = [3, 4, 5, 6].map((number) => sample(number, { clientId: number === 6 ? 'globex' : 'acme' }));
  list = [...more, ...list];
  await readAgain();
  expect(await screen.findByText('2 more notifications')).toBeDefined();
  expect(screen.getByText(/^acme on kiln-01, globex on kiln-01\./u)).toBeDefined();
});

test('a notification about a licence names its appliance and leads to the licences', async () => {
  const text = 'the licence expires at 9 Dec 2026, 23:59 UTC';
  const due = sample(1, { kind: 'licence-due', clientId: '', port: null, text });
  const { connection } = createFakeConsole({
    'notifications.list': () => ({ notifications: [due], unseen: 1 }),
  });
  render(<App connection={connection} />);
  connection.start();
  await userEvent.setup().click(await screen.findByRole('button', { name: 'Notifications, 1 unseen' }));
  const link = await screen.findByRole('link', { name: /^Licence due/u });
  expect(link.getAttribute('href')).toBe('#/licences');
  expect(link.textContent).toContain('kiln-01');
});
