import '../../test-support/renderer/pageSetup.ts';
import { render, screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { setView } from '../state/viewState.ts';
import { createFakeConsole, throwAppError } from '../../test-support/renderer/fakeConsole.ts';
import { applianceId, sampleAppliance } from '../../test-support/renderer/samples.ts';
import { App } from './App.tsx';

const offered = { type: 'ssh-ed25519', fingerprint: 'SHA256:ooooooooooooooooooooooooooooooooooooooooooo' };

beforeEach(() => {
  location.hash = '#/';
  setView({ applianceDialog: null });
});

function open(answers: Parameters<typeof createFakeConsole>[0]) {
  const fake = createFakeConsole(answers);
  render(<App connection={fake.connection} />);
  fake.connection.start();
  return fake;
}

const noLine = { answer: 'absent', place: null, hasCertificateAuthority: false };
const scanned = { offered, pinned: null, knownHosts: noLine, expected: null };
const inputsOf = (calls: readonly { procedure: string; input: unknown }[], name: string) =>
  calls.flatMap(({ procedure, input }) => (procedure === name ? [input] : []));

async function openAddDialog(user: ReturnType<typeof userEvent.setup>) {
  await user.click(await screen.findByRole('button', { name: 'Add appliance' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Add appliance' }));
  await dialog.findByLabelText('Address');
  return dialog;
}

test('when the fleet is empty, an appliance is added with its expected fingerprint', async () => {
  const user = userEvent.setup();
  const { calls } = open({
    'appliances.scanHostKey': () => scanned,
    'appliances.add': () => ({ appliance: sampleAppliance().entry }),
  });
  expect(await screen.findByText('no appliances yet')).toBeDefined();
  const dialog = await openAddDialog(user);
  await user.click(dialog.getByRole('button', { name: 'Fetch fingerprint' }));
  expect(dialog.getByText('Enter an address.')).toBeDefined();

  await user.type(dialog.getByLabelText('Address'), 'kiln-01.lan:2022');
  await user.click(dialog.getByRole('button', { name: 'Fetch fingerprint' }));
  expect((await dialog.findByTestId('fingerprint')).textContent).toBe(offered.fingerprint);
  const field = dialog.getByLabelText('Paste the fingerprint you expect');
  expect(document.activeElement).toBe(field);
  const accept = dialog.getByRole<HTMLButtonElement>('button', { name: 'Accept and add kiln-01' });
  expect(accept.disabled).toBe(true);
  await user.type(field, `${offered.fingerprint.slice(0, -1)}x`);
  expect(dialog.getAllByText(/This doesn’t match the offered key/u)).toHaveLength(2);
  expect(accept.disabled).toBe(true);
  await user.type(field, '{Backspace}o');
  await user.click(accept);
  await waitFor(() => expect(calls.map((call) => call.procedure)).toContain('appliances.add'));
  expect(inputsOf(calls, 'appliances.add')).toMatchObject([
    {
      hostKey: offered,
      appliance: { name: 'kiln-01', target: { user: 'ubuntu', host: 'kiln-01.lan', port: 2022 } },
    },
  ]);
});

test('when the address changes after the comparison, the fingerprint must be fetched again', async () => {
  const user = userEvent.setup();
  const { calls } = open({
    'appliances.scanHostKey': () => scanned,
    'appliances.add': () => throwAppError('ALREADY_EXISTS', 'kiln-01 is taken.'),
  });
  const dialog = await openAddDialog(user);
  await user.type(dialog.getByLabelText('Address'), 'kiln-01.lan');
  await user.click(dialog.getByRole('button', { name: 'Fetch fingerprint' }));
  await user.click(await dialog.findByLabelText('I compared every character by eye'));
  await user.type(dialog.getByLabelText('Address'), ':2022');
  expect(dialog.queryByTestId('fingerprint')).toBeNull();
  expect(dialog.queryByRole('button', { name: /Accept and add/u })).toBeNull();
  await user.click(dialog.getByRole('button', { name: 'Add and compare later' }));
  expect((await dialog.findByRole('alert')).textContent).toContain('ALREADY_EXISTS');
  expect(inputsOf(calls, 'appliances.add')).toMatchObject([{ hostKey: null }]);
});

test.each([
  ['the name', 'Name', 1],
  ['a tag', 'Tags', 1],
  ['the description', 'Description', 1],
  ['the login', 'Login', 0],
])('when %s changes after the fingerprint was fetched, keys kept by %s: %i', async (_what, label, kept) => {
  const user = userEvent.setup();
  open({ 'appliances.scanHostKey': () => scanned });
  const dialog = await openAddDialog(user);
  await user.type(dialog.getByLabelText('Address'), 'kiln-07.lan');
  await user.click(dialog.getByRole('button', { name: 'Fetch fingerprint' }));
  await user.type(await dialog.findByLabelText(/^Paste the fingerprint/u), scanned.offered.fingerprint);
  const field = dialog.getByLabelText(label);
  if (field instanceof HTMLSelectElement) await user.selectOptions(field, 'Password (asked for when needed)');
  else await user.type(field, 'x');
  expect(dialog.queryAllByText(/^✓ /u)).toHaveLength(kept);
});

test('when the page changes under an untouched dialog, it closes; when something was typed, it asks', async () => {
  const user = userEvent.setup();
  open({});
  await openAddDialog(user);
  location.hash = '#/settings';
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  location.hash = '#/';
  const dialog = await openAddDialog(user);
  await user.type(dialog.getByLabelText('Address'), 'kiln-01.lan');
  location.hash = '#/settings';
  await user.click(await dialog.findByRole('button', { name: 'Keep editing' }));
  expect(dialog.getByLabelText<HTMLInputElement>('Address').value).toBe('kiln-01.lan');
  await user.keyboard('{Escape}');
  await user.click(await dialog.findByRole('button', { name: 'Discard' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
});

test('when an appliance is added as read-only, it is locked after it was added', async () => {
  const user = userEvent.setup();
  const { entry } = sampleAppliance();
  const { calls } = open({
    'appliances.add': () => ({ appliance: entry }),
    'appliances.setLock': () => ({ appliance: { ...entry, locked: true } }),
  });
  const dialog = await openAddDialog(user);
  await user.type(dialog.getByLabelText('Address'), 'kiln-01.lan');
  await user.click(dialog.getByLabelText('Mark as production'));
  await user.click(dialog.getByText('More'));
  await user.type(dialog.getByLabelText('Tags'), 'plant-a, air-gapped');
  await user.click(dialog.getByLabelText('Read-only until unlocked'));
  await user.click(dialog.getByRole('button', { name: 'Add and compare later' }));
  await waitFor(() =>
    expect(inputsOf(calls, 'appliances.setLock')).toEqual([{ id: applianceId, locked: true }]),
  );
  expect(inputsOf(calls, 'appliances.add')).toMatchObject([
    { appliance: { colour: 'red', tags: ['plant-a', 'air-gapped'] } },
  ]);
});

test('a secret is asked for, never shown, sent once and forgotten', async () => {
  const user = userEvent.setup();
  const prompt = {
    id: '00000000-0000-4000-8000-0000000000aa',
    applianceId,
    hop: 'ubuntu@kiln-01.lan:22',
    kind: 'key-passphrase',
    title: 'Passphrase for ~/.ssh/id\u001b[2J',
    fields: [{ label: 'Passphrase', echo: false }],
    askedAt: '2026-11-20T09:30:00.000Z',
  };
  const { calls } = open({
    'fleet.overview': () => ({ appliances: [sampleAppliance()] }),
    'appliances.prompts': () => ({ prompts: [prompt] }),
    'appliances.answerPrompt': () =>
      throwAppError('NOT_FOUND', 'This prompt was already answered or has expired.'),
  });
  const dialog = within(await screen.findByRole('dialog', { name: 'Key passphrase for kiln-01' }));
  const field = dialog.getByLabelText<HTMLInputElement>('Passphrase');
  expect(field.type).toBe('password');
  expect(field.autocomplete).toBe('off');
  expect(dialog.getByText(/␛\[2J/u)).toBeDefined();
  await user.type(field, 'hunter2');
  await user.click(dialog.getByRole('button', { name: 'Submit' }));
  expect((await dialog.findByRole('alert')).textContent).toContain('NOT_FOUND');
  expect(field.value).toBe('');
  const answers = calls.filter((call) => call.procedure === 'appliances.answerPrompt');
  expect(answers.map((call) => call.input)).toEqual([{ promptId: prompt.id, answers: ['hunter2'] }]);
});

test('when the expected fingerprint is pasted at first contact, exactly the shown key is accepted', async () => {
  const user = userEvent.setup();
  location.hash = '#/appliance/kiln-01';
  const { calls } = open({
    'fleet.overview': () => ({
      appliances: [
        sampleAppliance({
          observedAt: null,
          link: {
            state: 'waiting-host-key',
            since: '2026-11-20T09:30:00.000Z',
            hop: 'ubuntu@kiln-01.lan:22',
            offered,
          },
        }),
      ],
    }),
    'appliances.explain': () => ({ link: sampleAppliance().link, hostKeys: [], steps: [] }),
    'appliances.acceptHostKey': () => ({}),
  });
  const card = within(await screen.findByRole('region', { name: 'First connection' }));
  await user.type(card.getByLabelText('Paste the fingerprint you expect'), offered.fingerprint);
  await user.click(card.getByRole('button', { name: 'Accept' }));
  await waitFor(() =>
    expect(calls).toContainEqual({
      procedure: 'appliances.acceptHostKey',
      input: { id: applianceId, fingerprint: offered.fingerprint, expected: offered.fingerprint },
    }),
  );
  expect(document.title).toBe('kiln-01 · Sallyport');
});

test('when a call fails, shows code, sentence and a retry, and the rest of the page works', async () => {
  open({ 'fleet.overview': () => throwAppError('STORE_FAILED', 'The data folder can’t be read.') });
  const notice = within(await screen.findByRole('alert'));
  expect(notice.getByText('STORE_FAILED')).toBeDefined();
  expect(notice.getByText('The data folder can’t be read.')).toBeDefined();
  expect(notice.getByRole('button', { name: 'Try again' })).toBeDefined();
  expect(screen.getByRole('navigation')).toBeDefined();
});

test.each([
  [[], 'Outbound: SSH only', ''],
  [['kiln-01'], 'Outbound: SSH, 1 connected window', 'kiln-01 uses this computer’s network now, to reach'],
  [['kiln-01', 'quay-02'], 'Outbound: SSH, 2 connected windows', 'quay-02 uses this computer’s network'],
])('when %j use this computer’s network, the header says so', async (names, words, detail) => {
  const windows = names.map((applianceName) => ({ applianceName, host: 'licences.example', port: 443 }));
  open({ 'connectedWindow.listOpen': () => ({ windows }) });
  const chip = await screen.findByText(words);
  expect(chip.title).toContain(detail);
});
