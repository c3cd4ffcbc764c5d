import '../../test-support/renderer/pageSetup.ts';
import { render, screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { setView } from '../state/viewState.ts';
import { createFakeConsole, fail } from '../../test-support/renderer/fakeConsole.ts';
import { applianceId, sampleAppliance } from '../../test-support/renderer/samples.ts';
import { App } from './App.tsx';

const offered = { type: 'ssh-ed25519', fingerprint: 'SHA256:ooooooooooooooooooooooooooooooooooooooooooo' };

beforeEach(() => {
  location.hash = '#/';
  setView({ addingAppliance: false });
});

function open(answers: Parameters<typeof createFakeConsole>[0]) {
  const fake = createFakeConsole(answers);
  render(<App connection={fake.connection} />);
  fake.connection.start();
  return fake;
}

test('first start explains itself; an appliance is added with its fingerprint compared', async () => {
  const user = userEvent.setup();
  const { calls } = open({
    'appliances.scanHostKey': () => ({ offered, pinned: null }),
    'appliances.add': () => ({ appliance: sampleAppliance().entry }),
  });
  expect(await screen.findByText('No appliances yet')).toBeDefined();
  await user.click(screen.getByRole('button', { name: 'Add appliance' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Add appliance' }));
  await user.click(dialog.getByRole('button', { name: 'Add appliance' }));
  expect(dialog.getByText('Enter a name.')).toBeDefined();
  expect(dialog.getByText('Enter an address.')).toBeDefined();

  await user.type(dialog.getByLabelText('Name'), 'kiln-01');
  await user.type(dialog.getByLabelText('Address'), 'kiln-01.lan:2022');
  await user.click(dialog.getByRole('button', { name: 'Fetch fingerprint' }));
  expect((await dialog.findByTestId('fingerprint')).textContent).toBe(offered.fingerprint);
  await user.click(dialog.getByRole('button', { name: 'Accept' }));
  await user.click(dialog.getByRole('button', { name: 'Add appliance' }));
  await waitFor(() => expect(calls.map((call) => call.procedure)).toContain('appliances.add'));
  expect(calls.find((call) => call.procedure === 'appliances.add')?.input).toMatchObject({
    hostKey: offered,
    appliance: { name: 'kiln-01', target: { user: 'ubuntu', host: 'kiln-01.lan', port: 2022 } },
  });
});

test('a fingerprint belongs to its address: another address takes the yes back', async () => {
  const user = userEvent.setup();
  const { calls } = open({
    'appliances.scanHostKey': () => ({ offered, pinned: null }),
    'appliances.add': () => fail('ALREADY_EXISTS', 'kiln-01 is taken.'),
  });
  await user.click(await screen.findByRole('button', { name: 'Add appliance' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Add appliance' }));
  await user.type(dialog.getByLabelText('Name'), 'kiln-01');
  await user.type(dialog.getByLabelText('Address'), 'kiln-01.lan');
  await user.click(dialog.getByRole('button', { name: 'Fetch fingerprint' }));
  await user.click(await dialog.findByRole('button', { name: 'Accept' }));
  await user.type(dialog.getByLabelText('Address'), ':2022');
  expect(dialog.queryByTestId('fingerprint')).toBeNull();
  await user.click(dialog.getByRole('button', { name: 'Add appliance' }));
  expect((await dialog.findByRole('alert')).textContent).toContain('ALREADY_EXISTS');
  expect(calls.find((call) => call.procedure === 'appliances.add')?.input).toMatchObject({ hostKey: null });
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
    'appliances.answerPrompt': () => fail('NOT_FOUND', 'Nobody waits for this answer any more.'),
  });
  const dialog = within(await screen.findByRole('dialog', { name: 'Passphrase of a key for kiln-01' }));
  const field = dialog.getByLabelText<HTMLInputElement>('Passphrase');
  expect(field.type).toBe('password');
  expect(field.autocomplete).toBe('off');
  expect(dialog.getByText(/␛\[2J/u)).toBeDefined();
  await user.type(field, 'hunter2');
  await user.click(dialog.getByRole('button', { name: 'Answer' }));
  expect((await dialog.findByRole('alert')).textContent).toContain('NOT_FOUND');
  expect(field.value).toBe('');
  const answers = calls.filter((call) => call.procedure === 'appliances.answerPrompt');
  expect(answers.map((call) => call.input)).toEqual([{ promptId: prompt.id, answers: ['hunter2'] }]);
});

test('first contact on the appliance’s page waits for a yes to exactly the key shown', async () => {
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
  const card = within(await screen.findByRole('region', { name: 'First contact' }));
  await user.click(card.getByRole('button', { name: 'Accept' }));
  await waitFor(() =>
    expect(calls).toContainEqual({
      procedure: 'appliances.acceptHostKey',
      input: { id: applianceId, fingerprint: offered.fingerprint },
    }),
  );
  expect(document.title).toBe('kiln-01 · Sallyport');
});

test('a failing call shows code, sentence and a way to try again; the rest of the page stands', async () => {
  open({ 'fleet.overview': () => fail('STORE_FAILED', 'The data folder can’t be read.') });
  const notice = within(await screen.findByRole('alert'));
  expect(notice.getByText('STORE_FAILED')).toBeDefined();
  expect(notice.getByText('The data folder can’t be read.')).toBeDefined();
  expect(notice.getByRole('button', { name: 'Try again' })).toBeDefined();
  expect(screen.getByRole('navigation')).toBeDefined();
});
