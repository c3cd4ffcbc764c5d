import { randomUUID } from 'node:crypto';
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { systemClock } from '../../src-shared/base/clock.ts';
import { createWriterLock } from '../syslog/store/writerLock.ts';
import { noKeyStore } from './keyStore.ts';
import { createSecretKeeper } from './secretKeeper.ts';
import { deleteSecrets, setSecret } from './secretRecords.ts';
import { defaultCost, deriveKey } from './vaultKey.ts';

const cost = { n: 2 ** 14, r: 8, p: 1 };
const passphrase = 'correct horse battery';
const id = 'b3b1c7de-4f0e-4c57-9d6e-0d5b0a3a5a10';
const value = 'p4ss wörd';
let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-vault-'));
  path = join(folder, 'vault.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = (changes: Partial<Parameters<typeof createSecretKeeper>[0]> = {}) =>
  createSecretKeeper({ folder, clock: systemClock, keyStore: noKeyStore, cost, ...changes });
async function createFilled() {
  const keeper = open();
  await keeper.create(passphrase);
  await keeper.write((records) => setSecret(records, { id, part: 'password', value }));
  return keeper;
}
const fileSchema = z.looseObject({ nonce: z.string(), sealed: z.string(), key: z.looseObject({}) });
const readVault = () => fileSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
const code = (expected: string) => expect.objectContaining({ code: expected });

describe('the vault', () => {
  test('when another program opens it with the passphrase, has the secrets, and only this user may read the file', async () => {
    await createFilled();
    const other = open();
    expect(other.state()).toEqual({ condition: 'locked', protection: 'passphrase', problem: null });
    await other.unlock(passphrase);
    expect(other.read(id, 'password')?.toString()).toBe(value);
    expect(other.read(id, 'passphrase')).toBeNull();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).not.toContain('wörd');
  });

  test('when it is created by default, its cost is that of the documentation', async () => {
    await createSecretKeeper({ folder, clock: systemClock, keyStore: noKeyStore }).create(passphrase);
    expect(readVault().key).toMatchObject({ cost: { n: 131_072, r: 8, p: 1 } });
    expect(defaultCost).toEqual({ n: 131_072, r: 8, p: 1 });
  });

  test('when the passphrase is wrong, rejects with VAULT_WRONG_PASSPHRASE and stays as it is', async () => {
    await createFilled();
    const before = readFileSync(path, 'utf8');
    const other = open();
    await expect(other.unlock('wrong horse battery')).rejects.toMatchObject({
      code: 'VAULT_WRONG_PASSPHRASE',
    });
    expect(other.state().condition).toBe('locked');
    expect(() => other.read(id, 'password')).toThrow(code('VAULT_LOCKED'));
    await expect(other.write(() => undefined)).rejects.toMatchObject({ code: 'VAULT_LOCKED' });
    await expect(other.changePassphrase('wrong horse battery', 'another passphrase')).rejects.toMatchObject({
      code: 'VAULT_WRONG_PASSPHRASE',
    });
    expect(readFileSync(path, 'utf8')).toBe(before);
  });

  test('when the passphrase is the same text in another Unicode form, opens', async () => {
    await open().create('Mär­chenstunde'.normalize('NFD'));
    await expect(open().unlock('Mär­chenstunde'.normalize('NFC'))).resolves.toBeUndefined();
  });

  test('when it is written again, has another nonce', async () => {
    const keeper = await createFilled();
    const { nonce } = readVault();
    await keeper.write(() => undefined);
    expect(readVault().nonce).not.toBe(nonce);
  });

  test('when the passphrase changes, everything is encrypted again, and only the new one opens it', async () => {
    const keeper = await createFilled();
    const bystander = open();
    await bystander.unlock(passphrase);
    const before = readVault();
    await keeper.changePassphrase(passphrase, 'another passphrase');
    expect(readVault().key).not.toEqual(before.key);
    expect(keeper.read(id, 'password')?.toString()).toBe(value);
    expect(() => bystander.read(id, 'password')).toThrow(code('VAULT_LOCKED'));
    expect(bystander.state().condition).toBe('locked');
    await expect(bystander.unlock(passphrase)).rejects.toMatchObject({ code: 'VAULT_WRONG_PASSPHRASE' });
    await bystander.unlock('another passphrase');
    expect(bystander.read(id, 'password')?.toString()).toBe(value);
  });

  test('when a write was interrupted, the next one deletes what it left, and nothing else', async () => {
    const keeper = await createFilled();
    const left = `vault.json.${randomUUID()}.new`;
    copyFileSync(path, join(folder, left));
    for (const other of ['vault.json.backup', `store.db.${randomUUID()}.new`])
      writeFileSync(join(folder, other), '');
    await keeper.changePassphrase(passphrase, 'another passphrase');
    expect(readdirSync(folder).toSorted()).toEqual([
      expect.stringMatching(/^store\.db\./u),
      'vault.json',
      'vault.json.backup',
      'vault.lock',
    ]);
  });

  test('when it would become larger than can be read, rejects the change and stays as it is', async () => {
    const keeper = await createFilled();
    const before = readFileSync(path, 'utf8');
    const fill = (count: number) =>
      keeper.write((records) => {
        for (let n = 0; n < count; n += 1)
          setSecret(records, { id: `${n}`, part: 'password', value: '漢'.repeat(1024) });
      });
    await expect(fill(1100)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('full'),
    });
    expect(readFileSync(path, 'utf8')).toBe(before);
    await fill(1000);
    expect(keeper.read('999', 'password')?.length).toBe(3072);
    expect(keeper.read(id, 'password')?.toString()).toBe(value);
  });

  test('when it is locked, the key in memory is overwritten', async () => {
    const keys: Buffer[] = [];
    const keeper = open({
      derive: async (...given) => {
        const key = await deriveKey(...given);
        keys.push(key);
        return key;
      },
    });
    await keeper.create(passphrase);
    await keeper.changePassphrase(passphrase, 'another passphrase');
    const [first, found, last] = keys;
    expect([first, found].map((key) => key?.every((byte) => byte === 0))).toEqual([true, true]);
    expect(last?.some((byte) => byte !== 0)).toBe(true);
    keeper.lock();
    expect(last?.every((byte) => byte === 0)).toBe(true);
  });

  test('when there is no vault, says so; a second vault is refused', async () => {
    const keeper = open();
    expect(keeper.state()).toEqual({ condition: 'absent', protection: null, problem: null });
    await expect(keeper.unlock(passphrase)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await keeper.create(passphrase);
    await expect(open().create('another passphrase')).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    await expect(open().create(null)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
  });
});

describe('two programs', () => {
  test('when both write, both changes stay', async () => {
    const keeper = await createFilled();
    const other = open();
    await other.unlock(passphrase);
    const ids = Array.from({ length: 8 }, (_, index) => `${index}${id.slice(1)}`);
    await Promise.all(
      ids.map((each, index) =>
        (index % 2 === 0 ? keeper : other).write((records) =>
          setSecret(records, { id: each, part: 'password', value: each }),
        ),
      ),
    );
    for (const each of ids) expect(keeper.read(each, 'password')?.toString()).toBe(each);
    await other.write((records) => deleteSecrets(records, id));
    expect(keeper.read(id, 'password')).toBeNull();
  });

  test('when another one holds the lock for too long, rejects with VAULT_BUSY and writes nothing', async () => {
    const waited: number[] = [];
    const clock = { now: () => 0, sleep: async (ms: number) => void waited.push(ms) };
    await createFilled();
    const keeper = open({ clock });
    await keeper.unlock(passphrase);
    const before = readFileSync(path, 'utf8');
    const lock = createWriterLock(folder, 'vault.lock');
    try {
      expect(lock.take()).toBe(true);
      await expect(keeper.write((records) => deleteSecrets(records, id))).rejects.toMatchObject({
        code: 'VAULT_BUSY',
        retryable: true,
      });
    } finally {
      lock.close();
    }
    expect(waited.reduce((sum, ms) => sum + ms, 0)).toBe(5000);
    expect(readFileSync(path, 'utf8')).toBe(before);
    await keeper.write((records) => deleteSecrets(records, id));
    expect(keeper.read(id, 'password')).toBeNull();
  });
});

const flip = (base64: string) => {
  const bytes = Buffer.from(base64, 'base64');
  bytes.writeUInt8(bytes.readUInt8(0) ^ 1, 0);
  return bytes.toString('base64');
};

describe('a damaged vault', () => {
  test.each([
    ['is cut', () => readFileSync(path, 'utf8').slice(0, -40)],
    ['is empty', () => ''],
    ['is another document', () => '{"format":"other"}'],
    ['has a changed content', () => JSON.stringify({ ...readVault(), sealed: flip(readVault().sealed) })],
    ['has a changed nonce', () => JSON.stringify({ ...readVault(), nonce: flip(readVault().nonce) })],
    ['has an unknown field', () => JSON.stringify({ ...readVault(), more: 1 })],
    ['is huge', () => `${readFileSync(path, 'utf8')}${' '.repeat(5 * 1024 * 1024)}`],
  ])('when it %s, rejects with VAULT_DAMAGED and changes nothing', async (_what, damage) => {
    const keeper = await createFilled();
    const damaged = damage();
    writeFileSync(path, damaged);
    const other = open();
    expect(other.state()).toEqual({
      condition: 'unreadable',
      protection: null,
      problem: expect.stringMatching(/^The vault can’t be read: .* Restore vault\.json from a backup\.$/u),
    });
    await expect(other.unlock(passphrase)).rejects.toMatchObject({ code: 'VAULT_DAMAGED' });
    await expect(other.create(passphrase)).rejects.toMatchObject({ code: 'VAULT_DAMAGED' });
    await expect(keeper.write(() => undefined)).rejects.toMatchObject({ code: 'VAULT_DAMAGED' });
    expect(() => keeper.read(id, 'password')).toThrow(code('VAULT_DAMAGED'));
    expect(readFileSync(path, 'utf8')).toBe(damaged);
  });

  test.each([
    ['too much memory', { n: 2 ** 20, r: 16, p: 1 }],
    ['too much work', { n: 2 ** 14, r: 8, p: 64 }],
    ['an n that is no power of two', { n: 2 ** 14 + 1, r: 8, p: 1 }],
    ['too little work', { n: 2, r: 8, p: 1 }],
  ])('when a hostile file demands %s, no key is derived', async (_what, demanded) => {
    await createFilled();
    const vault = readVault();
    writeFileSync(path, JSON.stringify({ ...vault, key: { ...vault.key, cost: demanded } }));
    let derived = 0;
    const keeper = open({ derive: () => Promise.resolve(Buffer.alloc(32, (derived += 1))) });
    await expect(keeper.unlock(passphrase)).rejects.toMatchObject({
      code: 'VAULT_DAMAGED',
      message: expect.stringContaining('out of bounds'),
    });
    expect(derived).toBe(0);
    await expect(deriveKey(passphrase, { salt: Buffer.alloc(32), cost: demanded })).rejects.toThrow(
      /too_big|too_small|power of two|memory/u,
    );
  });

  test('when a newer program wrote it, rejects with STORE_FROM_FUTURE', async () => {
    await createFilled();
    writeFileSync(path, JSON.stringify({ ...readVault(), version: 2 }));
    await expect(open().unlock(passphrase)).rejects.toMatchObject({ code: 'STORE_FROM_FUTURE' });
    expect(open().state()).toMatchObject({
      condition: 'unreadable',
      problem: expect.stringContaining('Update this one.'),
    });
  });

  test('when it is a link, it is not followed, and the state says why', async () => {
    await createFilled();
    renameSync(path, `${path}.other`);
    symlinkSync(`${path}.other`, path);
    expect(open().state()).toMatchObject({
      condition: 'unreadable',
      problem: expect.stringContaining('(ELOOP)'),
    });
    await expect(open().create(passphrase)).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });
});
