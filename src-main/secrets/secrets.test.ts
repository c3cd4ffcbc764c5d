import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { anEntry } from '../../test-support/anEntry.ts';
import { noChangeFeed } from '../../test-support/noChangeFeed.ts';
import { noPolicy } from '../../test-support/noPolicy.ts';
import { silentLog } from '../../test-support/silentLog.ts';
import { createSteppedClock } from '../../test-support/steppedClock.ts';
import { minuteMs } from '../../src-shared/base/time.ts';
import type { ApplianceEntry, Authentication } from '../../src-shared/model/appliance/applianceEntry.ts';
import { createAudit } from '../audit/audit.ts';
import type { AskSecret } from '../ssh/types.ts';
import { openStore, type Store } from '../store/store.ts';
import { noKeyStore } from './keyStore.ts';
import { createSecretKeeper } from './secretKeeper.ts';
import { createSecrets, type AskVaultPassphrase } from './secrets.ts';

const passphrase = 'correct horse battery';
const cost = { n: 2 ** 14, r: 8, p: 1 };
let folder: string;
let store: Store;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-secrets-'));
  store = openStore({ folder });
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});
const vaultPath = () => join(folder, 'vault.json');

const actor = { operator: 'ada', role: 'admin', source: 'test' };
function start(entries: ApplianceEntry[] = [], askPassphrase: AskVaultPassphrase | null = null) {
  const timer = createSteppedClock();
  const audit = createAudit({ store, changes: noChangeFeed, actor, clock: () => 0, log: silentLog });
  const secrets = createSecrets({
    dataFolder: folder,
    store,
    inventory: { list: () => entries },
    audit,
    policy: noPolicy,
    changes: noChangeFeed,
    log: silentLog,
    clock: () => 0,
    keyStore: noKeyStore,
    askPassphrase,
    timer,
    keeper: createSecretKeeper({ folder, clock: timer, keyStore: noKeyStore, cost }),
  });
  const recorded = () =>
    audit
      .list({ before: null, limit: 100, query: '' })
      .records.map(({ event, phase, object, result, detail }) =>
        `${event} ${phase} ${object} ${result} ${detail}`.trim(),
      )
      .toReversed();
  return { secrets, timer, recorded };
}

function entryWith(name: string, changes: Partial<Authentication>): ApplianceEntry {
  const entry = anEntry(name);
  const authentication = { ...entry.target.authentication, agent: false, password: true, ...changes };
  return { ...entry, target: { ...entry.target, authentication } };
}
const ask = (entry: ApplianceEntry, changes: Partial<Parameters<AskSecret>[0]> = {}) => ({
  hop: `ubuntu@${entry.name}:22`,
  kind: 'password' as const,
  title: 'Password',
  fields: [{ label: 'Password', echo: false }],
  refused: false,
  ...changes,
});
const ops = { name: 'ops', userName: null, kind: 'password', values: { password: 's3cret one' } } as const;

describe('credentials', () => {
  test('when one is rotated, all appliances that use it get the new secret, and no record has it', async () => {
    const entries = [entryWith('kiln', { credential: 'ops' }), entryWith('mill', { credential: 'ops' })];
    const { secrets, recorded } = start(entries);
    await secrets.create(passphrase);
    await secrets.credentials.add(ops);
    const answers = () => Promise.all(entries.map((entry) => secrets.stored.of(entry).find(ask(entry))));
    expect(await answers()).toEqual([['s3cret one'], ['s3cret one']]);
    await secrets.credentials.rotate('ops', { password: 's3cret two' });
    expect(await answers()).toEqual([['s3cret two'], ['s3cret two']]);
    expect(secrets.credentials.list()).toEqual([
      expect.objectContaining({
        name: 'ops',
        users: ['kiln', 'mill'],
        rotatedAt: '1970-01-01T00:00:00.000Z',
      }),
    ]);
    expect(recorded()).toContain('credential.rotate outcome ops ok password');
    expect(recorded()).toContain('credential.answer event kiln ok credential ops');
    const kept = ['store.db', 'store.db-wal', 'vault.json'].map((name) =>
      readFileSync(join(folder, name), 'latin1'),
    );
    expect(kept.join()).toContain('ops');
    expect(kept.join()).not.toContain('s3cret');
  });

  test('when one is in use, its removal is refused with its users; then it goes with its secret', async () => {
    const entries = [entryWith('kiln', { credential: 'ops' })];
    const { secrets } = start(entries);
    await secrets.create(passphrase);
    const { id } = await secrets.credentials.add(ops);
    await expect(secrets.credentials.remove('ops')).rejects.toMatchObject({
      code: 'CREDENTIAL_IN_USE',
      message: 'ops is used by kiln.',
      detail: { users: ['kiln'] },
    });
    entries.splice(0);
    await secrets.credentials.remove('ops');
    expect(secrets.credentials.list()).toEqual([]);
    const keeper = createSecretKeeper({ folder, clock: createSteppedClock(), keyStore: noKeyStore });
    await keeper.unlock(passphrase);
    expect(keeper.read(id, 'password')).toBeNull();
  });

  test.each([
    ['has a taken name', { ...ops }, 'ALREADY_EXISTS'],
    ['lacks a secret of its kind', { ...ops, name: 'b', kind: 'both' as const }, 'INVALID_INPUT'],
    [
      'has a secret of another kind',
      { ...ops, name: 'b', values: { ...ops.values, passphrase: 'x' } },
      'INVALID_INPUT',
    ],
    ['has a name with a space', { ...ops, name: 'b c' }, 'INVALID_INPUT'],
    ['has a secret of two lines', { ...ops, name: 'b', values: { password: 'a\nb' } }, 'INVALID_INPUT'],
    [
      'has a secret that is too long',
      { ...ops, name: 'b', values: { password: 'a'.repeat(1025) } },
      'INVALID_INPUT',
    ],
    ['has half of a character', { ...ops, name: 'b', values: { password: 'a\ud83d' } }, 'INVALID_INPUT'],
    ['has a user name that hides something', { ...ops, name: 'b', userName: 'root\u200b' }, 'INVALID_INPUT'],
  ])('when a new one %s, refuses it', async (_what, request, code) => {
    const { secrets } = start();
    await secrets.create(passphrase);
    await secrets.credentials.add(ops);
    await expect(secrets.credentials.add(request)).rejects.toMatchObject({ code });
    expect(secrets.credentials.list()).toHaveLength(1);
  });

  test('when the vault is locked or absent, none is added', async () => {
    const { secrets } = start();
    await expect(secrets.credentials.add(ops)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await secrets.create(passphrase);
    secrets.lock();
    await expect(secrets.credentials.add(ops)).rejects.toMatchObject({ code: 'VAULT_LOCKED' });
    expect(secrets.credentials.list()).toEqual([]);
  });
});

describe('sign-ins', () => {
  test('when the vault was moved away, the user is asked; a new vault has the secret once it is rotated', async () => {
    const entry = entryWith('kiln', { credential: 'ops' });
    const { secrets } = start([entry]);
    await secrets.create(passphrase);
    await secrets.credentials.add(ops);
    rmSync(join(folder, 'vault.json'));
    const stored = secrets.stored.of(entry);
    expect(stored.isReady(ask(entry))).toBe(false);
    expect(await stored.find(ask(entry))).toBeNull();
    await secrets.create('another passphrase');
    expect(await stored.find(ask(entry))).toBeNull();
    await secrets.credentials.rotate('ops', { password: 's3cret two' });
    expect(await stored.find(ask(entry))).toEqual(['s3cret two']);
  });

  const both = {
    name: 'ops',
    userName: 'ubuntu',
    kind: 'both',
    values: { password: 'pw', passphrase: 'pp' },
  } as const;
  const kiln = entryWith('kiln', { credential: 'ops', keyFile: '/k' });
  const jump = {
    ...kiln.target,
    host: 'gate',
    user: 'hop',
    authentication: { ...anEntry('gate').target.authentication },
  };
  const passphraseQuestion = { kind: 'key-passphrase', title: 'Passphrase for /k' } as const;

  test.each([
    ['its password', kiln, {}, ['pw']],
    ['its sudo password', kiln, { kind: 'sudo-password' as const }, ['pw']],
    ['the passphrase of its key file', kiln, passphraseQuestion, ['pp']],
    ['a jump host’s password', { ...kiln, jumps: [jump] }, { hop: 'hop@gate:22' }, null],
    [
      'the passphrase of a jump host with the same key file',
      { ...kiln, jumps: [{ ...jump, authentication: { ...jump.authentication, keyFile: '/k' } }] },
      { ...passphraseQuestion, hop: 'hop@gate:22' },
      ['pp'],
    ],
    [
      'the passphrase of a jump host with another key file',
      { ...kiln, jumps: [{ ...jump, authentication: { ...jump.authentication, keyFile: '/other' } }] },
      { ...passphraseQuestion, hop: 'hop@gate:22' },
      null,
    ],
    [
      'the password of another user',
      { ...kiln, target: { ...kiln.target, user: 'root' } },
      { hop: 'root@kiln:22' },
      null,
    ],
    ['a credential that does not exist', entryWith('kiln', { credential: 'gone' }), {}, null],
    ['no credential', entryWith('kiln', {}), {}, null],
  ])(
    'when an appliance needs %s, answers with what is meant for it alone',
    async (_what, entry, question, expected) => {
      const { secrets } = start([entry]);
      await secrets.create(passphrase);
      await secrets.credentials.add(both);
      expect(await secrets.stored.of(entry).find(ask(entry, question))).toEqual(expected);
    },
  );

  test('when the server refused it, it is not sent again until it is rotated', async () => {
    const { secrets } = start([kiln]);
    await secrets.create(passphrase);
    await secrets.credentials.add(both);
    const stored = secrets.stored.of(kiln);
    expect(stored.isReady(ask(kiln))).toBe(true);
    expect(await stored.find(ask(kiln, { refused: true }))).toBeNull();
    expect(stored.isReady(ask(kiln))).toBe(false);
    expect(await stored.find(ask(kiln))).toBeNull();
    await secrets.credentials.rotate('ops', { password: 'pw2' });
    expect(await stored.find(ask(kiln))).toEqual(['pw2']);
  });

  test('when the vault is locked, several wait for one question, and go on once it is unlocked', async () => {
    const { secrets } = start([kiln]);
    await secrets.create(passphrase);
    await secrets.credentials.add(both);
    secrets.lock();
    const stored = secrets.stored.of(kiln);
    expect(stored.isReady(ask(kiln))).toBe(false);
    const waiting = [stored.find(ask(kiln)), stored.find(ask(kiln, passphraseQuestion))];
    expect(secrets.state()).toMatchObject({ condition: 'locked', waiting: 2 });
    await expect(secrets.unlock('wrong horse battery')).rejects.toMatchObject({
      code: 'VAULT_WRONG_PASSPHRASE',
    });
    expect(secrets.state().waiting).toBe(2);
    await secrets.unlock(passphrase);
    expect(await Promise.all(waiting)).toEqual([['pw'], ['pp']]);
    expect(secrets.state()).toMatchObject({ condition: 'unlocked', waiting: 0 });
  });

  test('when the vault is lost, the user is asked; when it is damaged, the sign-in says so', async () => {
    const { secrets } = start([kiln]);
    await secrets.create(passphrase);
    await secrets.credentials.add(both);
    const stored = secrets.stored.of(kiln);
    rmSync(vaultPath());
    expect(stored.isReady(ask(kiln))).toBe(false);
    expect(await stored.find(ask(kiln))).toBeNull();
    writeFileSync(vaultPath(), 'x');
    expect(stored.isReady(ask(kiln))).toBe(false);
    await expect(stored.find(ask(kiln))).rejects.toMatchObject({ code: 'VAULT_DAMAGED' });
  });

  test('when the question is dismissed, they end with VAULT_LOCKED, and the next one asks again', async () => {
    const { secrets } = start([kiln]);
    await secrets.create(passphrase);
    await secrets.credentials.add(both);
    secrets.lock();
    const first = secrets.stored.of(kiln).find(ask(kiln));
    secrets.dismissUnlock();
    await expect(first).rejects.toMatchObject({ code: 'VAULT_LOCKED', detail: { credential: 'ops' } });
    void secrets.stored.of(kiln).find(ask(kiln));
    expect(secrets.state().waiting).toBe(1);
    secrets.unlock(passphrase).catch(() => undefined);
  });

  test('when there is a terminal, it is asked there; without one, rejects with VAULT_LOCKED', async () => {
    await start().secrets.create(passphrase);
    let asked = 0;
    const terminal = start([kiln], async (unlock) => {
      asked += 1;
      await unlock(passphrase);
      return true;
    });
    expect(await terminal.secrets.unlockIfLocked()).toBe(true);
    await terminal.secrets.credentials.add(both);
    expect(await terminal.secrets.stored.of(kiln).find(ask(kiln))).toEqual(['pw']);
    expect(asked).toBe(1);
    const unattended = start([kiln], () => Promise.resolve(false));
    await expect(unattended.secrets.stored.of(kiln).find(ask(kiln))).rejects.toMatchObject({
      code: 'VAULT_LOCKED',
    });
  });
});

describe('the lock', () => {
  test('when there is no input for the set time, locks, records it, and has wiped its key', async () => {
    const { secrets, timer, recorded } = start();
    await secrets.create(passphrase);
    expect(secrets.state().locksAt).toBe(new Date(15 * minuteMs).toISOString());
    await timer.advance(10 * minuteMs);
    secrets.touch();
    await timer.advance(14 * minuteMs);
    expect(secrets.state().condition).toBe('unlocked');
    await timer.advance(minuteMs);
    expect(secrets.state()).toMatchObject({ condition: 'locked', locksAt: null });
    secrets.touch();
    expect(secrets.state()).toMatchObject({ condition: 'locked', locksAt: null });
    expect(recorded().at(-1)).toBe('vault.lock event vault ok after a time without input');
  });

  test.each([
    ['is damaged', () => writeFileSync(vaultPath(), 'x')],
    ['is gone', () => rmSync(vaultPath())],
    ['is a link', () => (rmSync(vaultPath()), symlinkSync('/dev/null', vaultPath()))],
  ])('when the file %s, locks nevertheless, and stays locked once it is back', async (_what, damage) => {
    for (const how of ['operator', 'time'] as const) {
      rmSync(vaultPath(), { force: true });
      const { secrets, timer } = start();
      await secrets.create(passphrase);
      const vault = readFileSync(vaultPath());
      damage();
      if (how === 'operator') secrets.lock();
      else await timer.advance(15 * minuteMs);
      rmSync(vaultPath(), { force: true });
      writeFileSync(vaultPath(), vault);
      expect(secrets.state()).toMatchObject({ condition: 'locked', locksAt: null });
    }
  });

  test('when the lock can’t be recorded, it locks nevertheless', async () => {
    const { secrets, timer } = start();
    await secrets.create(passphrase);
    store.close();
    await timer.advance(15 * minuteMs);
    expect(secrets.state()).toMatchObject({ condition: 'locked', locksAt: null });
    store = openStore({ folder });
  });

  test('when the computer slept, a sign-in does not get a secret before the lock is noticed', async () => {
    const kiln = entryWith('kiln', { credential: 'ops' });
    const { secrets, timer } = start([kiln]);
    await secrets.create(passphrase);
    await secrets.credentials.add(ops);
    void timer.advance(60 * minuteMs);
    expect(secrets.stored.of(kiln).isReady(ask(kiln))).toBe(false);
    expect(secrets.state().condition).toBe('locked');
  });

  test('when the time is changed, it counts at once, and is recorded', async () => {
    const { secrets, timer, recorded } = start();
    await secrets.create(passphrase);
    await secrets.setSettings({ lockMinutes: 2 });
    await timer.advance(2 * minuteMs);
    expect(secrets.state().condition).toBe('locked');
    expect(recorded()).toContain('vault.settings outcome vault ok {"lockMinutes":15} → {"lockMinutes":2}');
  });

  test('when the time was never and is changed, the vault locks after the new time', async () => {
    const { secrets, timer } = start();
    await secrets.setSettings({ lockMinutes: null });
    await secrets.create(passphrase);
    await timer.advance(60 * minuteMs);
    expect(secrets.state()).toMatchObject({ condition: 'unlocked', locksAt: null });
    await secrets.setSettings({ lockMinutes: 2 });
    await timer.advance(2 * minuteMs);
    expect(secrets.state().condition).toBe('locked');
  });

  test('when the operator locks, links are told of the next unlock only', async () => {
    const { secrets } = start();
    let unlocks = 0;
    secrets.onUnlocked(() => (unlocks += 1));
    await secrets.create(passphrase);
    secrets.lock();
    secrets.lock();
    expect(unlocks).toBe(1);
    await secrets.unlock(passphrase);
    expect(unlocks).toBe(2);
  });

  test('when the new passphrase is short, refuses it', async () => {
    const { secrets } = start();
    await expect(secrets.create('short')).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('at least 12 characters'),
    });
    expect(secrets.state().condition).toBe('absent');
  });
});
