import '../../../../test-support/renderer/pageSetup.ts';
import { render, screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import type { WindowPlan, WindowView } from '../../../../src-shared/model/licence/connectedWindow.ts';
import { aLicence } from '../../../../test-support/aLicence.ts';
import {
  createFakeConsole,
  sampleAbout,
  throwAppError,
} from '../../../../test-support/renderer/fakeConsole.ts';
import { applianceId, observedAt, sampleAppliance } from '../../../../test-support/renderer/samples.ts';
import { leadTimesSchema, remindersSchema } from '../../../../src-shared/model/licence/calendarSettings.ts';
import { App } from '../../../app/App.tsx';

const plan: WindowPlan = {
  applianceName: 'kiln-01',
  authority: {
    contract: 1,
    host: 'licences.example',
    port: 443,
    mode: 'connected',
    sends: [{ path: '/v1/ping', fields: ['version', 'hostname'] }],
  },
  command: 'ke_update_configuration --via PORT --json',
  installed: aLicence({ sequence: 6 }),
  voidedTrip: 'kiln-01-0003',
  warnings: ['licences.example is unusual.'],
};

const opened: WindowView = {
  applianceName: 'kiln-01',
  host: 'licences.example',
  port: 443,
  isDryRun: true,
  openedBy: 'ada',
  startedAt: observedAt,
  phase: 'open',
  lent: { port: 41000, closesAt: new Date(Date.now() + 60_000).toISOString() },
  sentBytes: 4795,
  receivedBytes: 6624,
  connections: 1,
  acknowledged: [],
  closed: null,
  finished: null,
};

const loss: NonNullable<WindowView['finished']>['losses'][number] = {
  id: 'connector:cq5',
  field: 'Connector cq5',
  sentence: 'cq5 is no longer licensed: 1 tunnel stops',
  before: 'licensed',
  after: 'not licensed',
  difference: '− cq5',
  effect: 'loss',
  tunnels: [{ clientId: 'acme', port: 2203, target: 'cq5+http://cq.lan:4502/', state: 'listening' }],
};

const checked: WindowView = {
  ...opened,
  phase: 'closed',
  connections: 0,
  closed: {
    at: observedAt,
    why: 'command-ended',
    forward: 'confirmed',
    isListening: false,
    openConnections: 0,
  },
  finished: {
    result: 'acceptable',
    failure: null,
    output: null,
    installed: aLicence({ sequence: 6 }),
    changes: [],
    losses: [loss],
  },
};

function open(answers: Parameters<typeof createFakeConsole>[0] = {}) {
  location.hash = '#/licences?window=kiln-01';
  const fake = createFakeConsole({
    'fleet.overview': () => ({ appliances: [sampleAppliance()] }),
    'licences.trips': () => ({ trips: [] }),
    'licences.calendar': () => ({
      leadTimes: leadTimesSchema.parse({}),
      reminders: remindersSchema.parse({}),
    }),
    'connectedWindow.plan': () => ({ plan }),
    'connectedWindow.current': () => ({ window: null }),
    ...answers,
  });
  render(<App connection={fake.connection} />);
  fake.connection.start();
  return { calls: fake.calls, user: userEvent.setup() };
}

const dialog = async () => within(await screen.findByRole('dialog', { name: /^Renew kiln-01/u }));
const callsOf = (calls: ReturnType<typeof open>['calls'], name: string) =>
  calls.filter(({ procedure }) => procedure === `connectedWindow.${name}`).map(({ input }) => input);

test('when the dialog opens, it names host, port, fields, command and what becomes void, and opens nothing', async () => {
  const { calls } = open();
  const shown = await dialog();
  expect(await shown.findByText('licences.example')).toBeDefined();
  for (const text of ['443', 'version, hostname', 'licences.example is unusual.'])
    expect(shown.getByText(text)).toBeDefined();
  expect(shown.getByLabelText('Command').textContent).toBe(plan.command);
  expect(
    shown.getByText(
      'Trip kiln-01-0003 is open. A check sends its request again and keeps it open. A renewal makes it void, with a new request.',
    ),
  ).toBeDefined();
  expect(callsOf(calls, 'open')).toEqual([]);
});

test('when it is checked first, the window opens for the shown host and port only, as a dry run', async () => {
  const { calls, user } = open({ 'connectedWindow.open': () => ({ window: opened }) });
  const shown = await dialog();
  await user.selectOptions(await shown.findByLabelText('Time limit'), '2 min');
  await user.click(shown.getByRole('button', { name: 'Check first' }));
  expect(await shown.findByText('4795 bytes')).toBeDefined();
  expect(shown.getByText(/^\d+ s$/u)).toBeDefined();
  expect(callsOf(calls, 'open')).toEqual([
    {
      applianceId,
      confirmed: { host: 'licences.example', port: 443 },
      seconds: 120,
      isDryRun: true,
      acknowledged: [],
    },
  ]);
});

test('when the open window is closed by its button, the console is asked to close it', async () => {
  const { calls, user } = open({
    'connectedWindow.current': () => ({ window: opened }),
    'connectedWindow.cancel': () => ({ window: { ...opened, phase: 'closing' } }),
  });
  const shown = await dialog();
  await user.click(await shown.findByRole('button', { name: 'Close the window now' }));
  await waitFor(() => expect(callsOf(calls, 'cancel')).toEqual([{ applianceId }]));
});

test('when a check found a loss, it must be accepted before the renewal', async () => {
  const { calls, user } = open({
    'connectedWindow.current': () => ({ window: checked }),
    'connectedWindow.open': () => ({ window: { ...opened, isDryRun: false } }),
  });
  const shown = await dialog();
  const renew = await shown.findByRole('button', { name: 'Renew now' });
  expect(renew).toHaveProperty('disabled', true);
  await user.click(shown.getByLabelText(/^Accept: cq5 is no longer licensed.*acme 2203/u));
  await user.click(renew);
  await waitFor(() =>
    expect(callsOf(calls, 'open')).toMatchObject([{ isDryRun: false, acknowledged: ['connector:cq5'] }]),
  );
});

test.each([
  [true, 0, /^✕ The port on the appliance still listens/u],
  [null, 0, /^! The appliance could not be asked/u],
  [false, 0, /^✓ The port on the appliance no longer listens/u],
  [false, 2, /^✕ 2 connections to the authority/u],
])(
  'when the port listens: %s, with %d connections, the proof says so',
  async (isListening, openConnections, line) => {
    const closed = { ...checked.closed, isListening, openConnections };
    open({ 'connectedWindow.current': () => ({ window: { ...checked, closed } }) });
    const proof = within(
      await (await dialog()).findByRole('list', { name: 'Proof that the window is closed' }),
    );
    expect(proof.getAllByRole('listitem').map((item) => item.textContent)).toContainEqual(
      expect.stringMatching(line),
    );
  },
);

test.each([
  [null, '!'],
  [false, '✓'],
])(
  'when the link was lost and the port listens: %s, only what was seen is green',
  async (isListening, mark) => {
    const closed = {
      at: observedAt,
      why: 'link-lost',
      forward: 'connection-ended',
      isListening,
      openConnections: 0,
    } as const;
    open({ 'connectedWindow.current': () => ({ window: { ...checked, closed } }) });
    const proof = within(
      await (await dialog()).findByRole('list', { name: 'Proof that the window is closed' }),
    );
    const marks = proof.getAllByRole('listitem').map((item) => item.textContent.slice(0, 1));
    expect(marks).toEqual([mark, mark, mark, '✓']);
  },
);

test('when the policy forbids the window, the dialog says why and offers nothing', async () => {
  open({ 'connectedWindow.plan': () => throwAppError('POLICY_FORBIDS', 'The policy forbids it.') });
  const shown = await dialog();
  expect(await shown.findByText(/The policy forbids it\./u)).toBeDefined();
  expect(shown.queryByRole('button', { name: 'Check first' })).toBeNull();
});

test('when the user is an operator, only an administrator can open the window', async () => {
  open({ 'system.about': () => sampleAbout({ role: 'operator' }) });
  const shown = await dialog();
  expect(await shown.findByText('Only an administrator can open the window.')).toBeDefined();
  expect(shown.queryByRole('button', { name: 'Renew now' })).toBeNull();
});
