import '../../../test-support/renderer/pageSetup.ts';
import { render, screen, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { App } from '../../app/App.tsx';
import { createFakeConsole, sampleVault, throwAppError } from '../../../test-support/renderer/fakeConsole.ts';
import type { VaultState } from '../../../src-shared/model/secrets/vault.ts';

beforeEach(() => {
  location.hash = '#/settings';
});

const unlocked = { condition: 'unlocked', protection: 'passphrase' } as const;
const ops = {
  id: 'b3b1c7de-4f0e-4c57-9d6e-0d5b0a3a5a10',
  name: 'ops',
  userName: null,
  kind: 'password',
  createdAt: '2026-11-20T09:00:00.000Z',
  rotatedAt: null,
  users: ['kiln', 'mill'],
};

/** A console whose vault is in the state `vault`, which its answers may change. */
async function open(vault: VaultState, answers: Parameters<typeof createFakeConsole>[0] = {}) {
  const held = { vault };
  const become = (changes: Partial<VaultState>) => {
    held.vault = { ...held.vault, ...changes };
    return { vault: held.vault };
  };
  const fake = createFakeConsole({
    'secrets.vault': () => ({ vault: held.vault }),
    'secrets.credentials': () => ({ credentials: [ops] }),
    'secrets.create': () => become(unlocked),
    'secrets.unlock': () => become({ ...unlocked, waiting: 0 }),
    'secrets.lock': () => become({ condition: 'locked' }),
    'secrets.touch': () => ({ vault: held.vault }),
    'secrets.dismissUnlock': () => become({ waiting: 0 }) && {},
    'secrets.addCredential': () => ({}),
    'secrets.rotateCredential': () => ({}),
    ...answers,
  });
  render(<App connection={fake.connection} />);
  fake.connection.start();
  const inputOf = (procedure: string) => fake.calls.findLast((call) => call.procedure === procedure)?.input;
  return { user: userEvent.setup(), inputOf };
}
const findCard = async () => within(await screen.findByRole('region', { name: 'Vault and credentials' }));

test('when there is no vault, creates one once both entries of a long passphrase are the same', async () => {
  const { user, inputOf } = await open(sampleVault());
  const card = await findCard();
  const create = await card.findByRole('button', { name: 'Create vault' });
  await user.type(card.getByLabelText('New passphrase'), 'correct horse');
  await user.type(card.getByLabelText('New passphrase, again'), 'correct hors');
  expect(create).toHaveProperty('disabled', true);
  await user.type(card.getByLabelText('New passphrase, again'), 'e');
  expect(card.queryByRole('button', { name: /key store/u })).toBeNull();
  await user.click(create);
  expect(await card.findByRole('button', { name: 'Lock now' })).toBeDefined();
  expect(inputOf('secrets.create')).toEqual({ passphrase: 'correct horse' });
});

test('when the vault is unlocked, credentials are added and rotated, and the fields are cleared', async () => {
  const { user, inputOf } = await open(sampleVault(unlocked));
  const card = await findCard();
  expect((await card.findByRole('listitem')).textContent).toContain('Used by kiln, mill');
  await user.click(card.getByRole('button', { name: 'Rotate ops' }));
  const rotation = within(card.getByRole('form', { name: 'Rotate ops' }));
  await user.type(rotation.getByLabelText('Password'), 'new secret');
  await user.click(rotation.getByRole('button', { name: 'Rotate' }));
  expect(await card.findByRole('button', { name: 'Rotate ops' })).toBeDefined();
  expect(inputOf('secrets.rotateCredential')).toEqual({ name: 'ops', values: { password: 'new secret' } });
  await user.click(card.getByRole('button', { name: 'Add credential…' }));
  const form = within(card.getByRole('form', { name: 'New credential' }));
  await user.type(form.getByLabelText('Name'), 'root');
  await user.selectOptions(form.getByLabelText('Kind'), 'both');
  await user.type(form.getByLabelText('Password'), 'pw');
  const add = form.getByRole('button', { name: 'Add credential' });
  expect(add).toHaveProperty('disabled', true);
  await user.type(form.getByLabelText('Passphrase of the key file'), 'pp');
  await user.click(add);
  expect(await card.findByRole('button', { name: 'Add credential…' })).toBeDefined();
  expect(inputOf('secrets.addCredential')).toEqual({
    name: 'root',
    userName: null,
    kind: 'both',
    values: { password: 'pw', passphrase: 'pp' },
  });
});

test('when a credential is in use, its removal says whose it is, and can’t be started', async () => {
  const { user } = await open(sampleVault(unlocked));
  const card = await findCard();
  await user.click(await card.findByRole('button', { name: 'Remove ops' }));
  expect(card.getByText('Choose another credential for kiln, mill first.')).toBeDefined();
  expect(card.getByRole('button', { name: 'Remove: in use' })).toHaveProperty('disabled', true);
});

test('when a credential is removed, the page asks first, and shows a refusal', async () => {
  const { user, inputOf } = await open(sampleVault(unlocked), {
    'secrets.credentials': () => ({ credentials: [{ ...ops, users: [] }] }),
    'secrets.removeCredential': () => throwAppError('CREDENTIAL_IN_USE', 'ops is used by kiln.'),
  });
  const card = await findCard();
  await user.click(await card.findByRole('button', { name: 'Remove ops' }));
  expect(inputOf('secrets.removeCredential')).toBeUndefined();
  await user.click(
    within(card.getByRole('form', { name: 'Remove ops' })).getByRole('button', { name: 'Remove' }),
  );
  expect(await card.findByText('ops is used by kiln.')).toBeDefined();
  expect(inputOf('secrets.removeCredential')).toEqual({ name: 'ops' });
});

test('when the vault is locked, credentials are listed, and the page says what unlocking is needed for', async () => {
  await open(sampleVault({ condition: 'locked', protection: 'passphrase' }));
  const card = await findCard();
  expect(await card.findByText('Unlock the vault to add, rotate or remove credentials.')).toBeDefined();
  expect(card.getByText(/Nothing opens the vault without its passphrase/u)).toBeDefined();
  expect(card.queryByRole('button', { name: 'Remove ops' })).toBeNull();
});

test('when a sign-in waits for the locked vault, a dialog asks, and a wrong passphrase is shown', async () => {
  location.hash = '#/fleet';
  let isWrong = true;
  const locked = { condition: 'locked', protection: 'passphrase', waiting: 2 } as const;
  const { user, inputOf } = await open(sampleVault(locked), {
    'secrets.unlock': () => {
      if (isWrong) throwAppError('VAULT_WRONG_PASSPHRASE', 'The passphrase does not open the vault.');
      return { vault: sampleVault(unlocked) };
    },
  });
  const dialog = within(await screen.findByRole('dialog', { name: 'Unlock the vault' }));
  expect(dialog.getByText('2 sign-ins wait for a secret in the vault.')).toBeDefined();
  await user.type(dialog.getByLabelText('Passphrase of the vault'), 'wrong');
  await user.click(dialog.getByRole('button', { name: 'Unlock' }));
  expect(await dialog.findByText('The passphrase does not open the vault.')).toBeDefined();
  expect(dialog.getByLabelText('Passphrase of the vault')).toHaveProperty('value', '');
  isWrong = false;
  await user.type(dialog.getByLabelText('Passphrase of the vault'), 'right');
  await user.click(dialog.getByRole('button', { name: 'Unlock' }));
  expect(inputOf('secrets.unlock')).toEqual({ passphrase: 'right' });
});

test('when the vault locks within a minute, counts down, and the operator can stay', async () => {
  location.hash = '#/fleet';
  const locksAt = new Date(Date.now() + 30_000).toISOString();
  const { user, inputOf } = await open(sampleVault({ ...unlocked, locksAt }));
  const timer = await screen.findByRole('timer', { name: 'Vault lock' });
  const [, seconds] = /The vault locks in (\d+) s\./u.exec(timer.textContent ?? '') ?? [];
  // The page's clock may be a second behind.
  expect(Number(seconds)).toBeGreaterThan(0);
  expect(Number(seconds)).toBeLessThanOrEqual(31);
  await user.click(within(timer).getByRole('button', { name: 'Stay unlocked' }));
  expect(inputOf('secrets.touch')).toEqual({});
});

test('when the vault locks later, nothing is counted down', async () => {
  location.hash = '#/fleet';
  const locksAt = new Date(Date.now() + 120_000).toISOString();
  const { inputOf } = await open(sampleVault({ ...unlocked, locksAt }));
  await userEvent.setup().keyboard('a');
  await screen.findByRole('button', { name: /Go to appliance/u });
  expect(screen.queryByRole('timer')).toBeNull();
  expect(inputOf('secrets.lock')).toBeUndefined();
});

test('when the vault can’t be read, says why and offers neither to unlock nor to create one', async () => {
  const problem = 'The vault was written by a newer Sallyport (format 2; this one knows 1). Update this one.';
  await open(sampleVault({ condition: 'unreadable', problem }));
  const card = await findCard();
  expect(await card.findByText(problem)).toBeDefined();
  expect(card.getByText('Can’t be read')).toBeDefined();
  expect(card.queryByRole('button', { name: /Create vault|Unlock/u })).toBeNull();
});
