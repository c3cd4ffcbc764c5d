import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSafeStorage } from '../../../test-support/electron/safeStorage.ts';
import { systemClock } from '../../../src-shared/base/clock.ts';
import { setSecret } from '../../secrets/secretRecords.ts';
import { createSecretKeeper } from '../../secrets/secretKeeper.ts';
import { createDesktopKeyStore } from './desktopKeyStore.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-key-store-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const id = 'b3b1c7de-4f0e-4c57-9d6e-0d5b0a3a5a10';
const keeperWith = (safeStorage: ReturnType<typeof createSafeStorage>) =>
  createSecretKeeper({
    folder,
    clock: systemClock,
    keyStore: createDesktopKeyStore({ safeStorage, platform: 'linux' }),
  });

test('when the key store is usable, it protects the vault, and another key store does not open it', async () => {
  const safeStorage = createSafeStorage();
  const keeper = keeperWith(safeStorage);
  await keeper.create(null);
  expect(keeper.state()).toEqual({ condition: 'unlocked', protection: 'key-store', problem: null });
  await keeper.write((records) => setSecret(records, { id, part: 'password', value: 'open sesame' }));
  keeper.lock();
  expect(() => keeper.read(id, 'password')).toThrow(expect.objectContaining({ code: 'VAULT_LOCKED' }));
  const next = keeperWith(safeStorage);
  await next.unlock(null);
  expect(next.read(id, 'password')?.toString()).toBe('open sesame');
  expect(readFileSync(join(folder, 'vault.json'), 'utf8')).not.toContain('open sesame');
  await expect(keeperWith(createSafeStorage()).unlock(null)).rejects.toMatchObject({
    code: 'KEY_STORE_UNAVAILABLE',
  });
  await expect(next.changePassphrase('', 'a new passphrase')).rejects.toMatchObject({
    code: 'INVALID_INPUT',
  });
});

test.each([
  ['Electron would encrypt with a known password', { backend: 'basic_text' }, /no key store/u],
  ['Electron has found no key store', { backend: 'unknown' }, /no key store/u],
  ['encryption is not available', { isAvailable: false }, /not available/u],
])('when %s, refuses to create a vault and says why', async (_what, facts, message) => {
  const keeper = keeperWith(createSafeStorage(facts));
  await expect(keeper.create(null)).rejects.toMatchObject({
    code: 'KEY_STORE_UNAVAILABLE',
    message: expect.stringMatching(message),
  });
  expect(keeper.state()).toEqual({ condition: 'absent', protection: null, problem: null });
});

test('when it is not Linux, does not ask for a backend, which only Linux has', () => {
  const safeStorage = {
    ...createSafeStorage(),
    getSelectedStorageBackend: () => {
      throw new Error('only on Linux');
    },
  };
  expect(createDesktopKeyStore({ safeStorage, platform: 'darwin' }).problem()).toBeNull();
});
