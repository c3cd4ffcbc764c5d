import '../../../../test-support/renderer/pageSetup.ts';
import { render, screen, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import type { NewTarget, TargetState } from '../../../../src-shared/model/notifications/targets.ts';
import { App } from '../../../app/App.tsx';
import { createFakeConsole, throwAppError } from '../../../../test-support/renderer/fakeConsole.ts';

const noFiles = {
  addressFile: null,
  secretFile: null,
  tokenFile: null,
  caFile: null,
  certificateFile: null,
  keyFile: null,
};
const aState = (target: Pick<NewTarget, 'name' | 'kind' | 'address'>, change: Partial<TargetState> = {}) => ({
  target: { id: `6f6f4ff6-0b1c-4c6e-9d7a-0000000000${target.name.length}0`, ...noFiles, ...target },
  sent: 0,
  lost: 0,
  waiting: 0,
  lastSentAt: null,
  problem: null,
  ...change,
});

beforeEach(() => {
  location.hash = '#/settings';
});

async function openCard(handlers: Parameters<typeof createFakeConsole>[0]) {
  const fake = createFakeConsole(handlers);
  render(<App connection={fake.connection} />);
  fake.connection.start();
  const card = within(await screen.findByRole('region', { name: 'Notifications without a page' }));
  await card.findByRole('button', { name: 'Add target…' });
  return { card, user: userEvent.setup(), calls: fake.calls };
}

test('when a test notification is sent, each target says whether it took it', async () => {
  const { card, user } = await openCard({
    'notifications.targets': () => ({
      isRunning: false,
      targets: [
        aState(
          { name: 'ops', kind: 'webhook', address: 'https://alerts.example.com/' },
          { sent: 4, lost: 1 },
        ),
        aState(
          { name: 'logs', kind: 'syslog', address: 'tls://logs.example.com' },
          {
            waiting: 2,
            problem: { code: 'DESTINATION_UNREACHABLE', message: 'no route', at: '2026-11-20T09:00:00.000Z' },
          },
        ),
      ],
    }),
    'notifications.testTargets': () => ({
      results: [
        { name: 'ops', problem: null },
        { name: 'logs', problem: { code: 'DESTINATION_UNREACHABLE', message: 'logs can’t be reached' } },
      ],
    }),
  });
  expect(card.getByText(/Nothing is sent now/u)).toBeDefined();
  const [ops, log] = card.getAllByRole('listitem');
  expect(ops?.textContent).toContain('4 sent, 1 lost');
  expect(log?.textContent).toContain('0 sent, 2 waiting');
  expect(log?.textContent).toContain('no route');
  await user.click(card.getByRole('button', { name: 'Send a test notification' }));
  expect((await within(ops ?? document.body).findByRole('status')).textContent).toBe(
    'Took the test notification',
  );
  expect(within(log ?? document.body).getByRole('status').textContent).toBe('Test: logs can’t be reached');
});

test('when a target is added, only the files of its kind are sent; an error shows in the form', async () => {
  let isRefused = true;
  const { card, user, calls } = await openCard({
    'notifications.targets': () => ({ isRunning: true, targets: [] }),
    'notifications.addTarget': () => {
      if (isRefused) throwAppError('ALREADY_EXISTS', 'There is a target named "ops" already.');
      return {};
    },
  });
  expect(card.getByText('No targets yet.')).toBeDefined();
  await user.click(card.getByRole('button', { name: 'Add target…' }));
  const add = card.getByRole('button', { name: 'Add target' });
  expect(add).toHaveProperty('disabled', true);
  await user.type(card.getByLabelText('Name'), 'ops');
  await user.type(card.getByLabelText('File with a bearer token'), '/run/token');
  await user.selectOptions(card.getByLabelText('Kind'), 'syslog');
  await user.type(card.getByLabelText('Address'), 'udp://127.0.0.1:514');
  await user.click(add);
  expect(await card.findByText('There is a target named "ops" already.')).toBeDefined();
  isRefused = false;
  await user.click(add);
  await card.findByRole('button', { name: 'Add target…' });
  expect(calls.findLast(({ procedure }) => procedure === 'notifications.addTarget')?.input).toEqual({
    target: { name: 'ops', kind: 'syslog', address: 'udp://127.0.0.1:514', ...noFiles },
  });
});
