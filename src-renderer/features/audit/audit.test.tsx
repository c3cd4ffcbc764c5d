import '../../../test-support/renderer/pageSetup.ts';
import { render, screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import type { AuditedAction, AuditRecord } from '../../../src-shared/model/audit/audit.ts';
import { createFakeConsole } from '../../../test-support/renderer/fakeConsole.ts';
import { App } from '../../app/App.tsx';

function record(seq: number, change: Partial<AuditRecord> = {}): AuditRecord {
  return {
    seq,
    at: '2026-11-20T09:30:00.000Z',
    phase: 'intent',
    intentSeq: null,
    operator: 'm.ivers',
    role: 'admin',
    session: 's',
    event: 'tenant.suspend',
    object: 'kiln-01/acme',
    result: 'pending',
    errorCode: null,
    source: 'web pid 1',
    destination: 'ubuntu@kiln-01:22',
    command: 'ke_manage_remote_networks suspend acme --unchanged-since 4',
    reason: 'TICKET-7',
    detail: '',
    previousHash: `${seq}`.padStart(64, '0'),
    hash: `${seq}`.padStart(64, 'f'),
    ...change,
  };
}

const failed: AuditedAction = {
  start: record(3),
  outcome: record(6, {
    phase: 'outcome',
    intentSeq: 3,
    result: 'failed',
    errorCode: 'COMMAND_FAILED',
    detail: 'the disk is full',
  }),
};
const cutShort: AuditedAction = { start: record(8, { event: 'tenant.resume' }), outcome: null };

function open(hash: string, actions: AuditedAction[]) {
  location.hash = hash;
  const fake = createFakeConsole({ 'audit.actions': () => ({ actions, count: 8, head: 'a'.repeat(64) }) });
  render(<App connection={fake.connection} />);
  fake.connection.start();
  const asked = () =>
    fake.calls.flatMap(({ procedure, input }) => (procedure === 'audit.actions' ? [input] : []));
  return { asked };
}

test('when an action is chosen, its one row opens to both records with their numbers and hashes', async () => {
  const user = userEvent.setup();
  open('#/audit', [failed]);
  const row = await screen.findByRole('row', { name: '#3 to #6 tenant.suspend' });
  expect(within(row).getByText('Tenant suspended')).toBeDefined();
  expect(within(row).getByText('failed')).toBeDefined();
  expect(within(row).getByText('the disk is full')).toBeDefined();
  await user.click(row);
  const detail = within(screen.getByRole('complementary', { name: '#3 to #6 tenant.suspend' }));
  expect(detail.getByText('Intent #3')).toBeDefined();
  expect(detail.getByText('Outcome #6')).toBeDefined();
  expect(detail.getByText(failed.start.hash)).toBeDefined();
  expect(detail.getByText(failed.outcome?.previousHash ?? '')).toBeDefined();
  expect(detail.getByLabelText('Command').textContent).toBe(failed.start.command);
  expect(location.hash).toBe('#/audit?record=3');
});

test('when an address names the number of an outcome, its action is chosen', async () => {
  open('#/audit?record=6', [failed]);
  expect(await screen.findByRole('complementary', { name: '#3 to #6 tenant.suspend' })).toBeDefined();
});

test('when an outcome is missing, the action says so and nothing about it is green', async () => {
  open('#/audit?record=8', [cutShort]);
  const row = await screen.findByRole('row', { name: '#8 tenant.resume' });
  expect(within(row).getByText('no outcome').dataset['tone']).toBe('unknown');
  const detail = screen.getByRole('complementary', { name: '#8 tenant.resume' });
  expect(within(detail).getByText(/No outcome is recorded/u)).toBeDefined();
  for (const part of [row, detail]) expect(part.querySelector('[data-tone="ok"]')).toBeNull();
});

test.each<[AuditRecord['event'], string, string]>([
  ['tenant.suspend', 'kiln-01/acme', '#/appliance/kiln-01/tenants'],
  ['configuration.apply', 'kiln-01', '#/appliance/kiln-01/configuration'],
  ['licence.apply', 'kiln-01', '#/licences'],
  ['connectedWindow.open', 'kiln-01', '#/licences'],
  ['groupKey.rotate', 'kiln-01/acme', '#/appliance/kiln-01/tenants'],
])(
  'when the outcome of %s is unknown, a link leads to what the appliance has now',
  async (event, object, target) => {
    const user = userEvent.setup();
    const start = record(3, { event, object });
    const outcome = record(9, {
      event,
      object,
      phase: 'outcome',
      intentSeq: 3,
      result: 'failed',
      errorCode: 'OUTCOME_UNKNOWN',
    });
    open('#/audit?record=3', [{ start, outcome }]);
    const detail = within(await screen.findByRole('complementary'));
    expect(detail.getByText(/may or may not have been changed/u)).toBeDefined();
    await user.click(detail.getByRole('link', { name: 'Read back what it has now' }));
    await waitFor(() => expect(location.hash).toBe(target));
  },
);

test('when the outcome of an action is known, nothing has to be read back', async () => {
  open('#/audit?record=3', [failed]);
  const detail = within(await screen.findByRole('complementary'));
  expect(detail.queryByRole('link', { name: /Read back/u })).toBeNull();
});

test('when no chip was chosen, changes are asked for; another chip is kept in the address', async () => {
  const user = userEvent.setup();
  const { asked } = open('#/audit?q=acme', []);
  await user.click(await screen.findByRole('button', { name: 'access' }));
  expect(location.hash).toBe('#/audit?q=acme&show=access');
  await user.click(await screen.findByRole('button', { name: 'Search everything' }));
  expect(location.hash).toBe('#/audit?q=acme&show=all');
  const page = { before: null, limit: 200, query: 'acme' };
  await waitFor(() => expect(asked()).toContainEqual({ ...page, chip: null }));
  expect(asked()).toContainEqual({ ...page, chip: 'changes' });
  expect(asked()).toContainEqual({ ...page, chip: 'access' });
});
