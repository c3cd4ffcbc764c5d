import { createPrivateKey, createPublicKey, privateDecrypt, constants } from 'node:crypto';
import { chmod, readdir, rm, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  groupKeysOutputSchema,
  rotatedGroupKeySchema,
  shownGroupKeySchema,
} from '../../../src-shared/model/tenants/groupKeys.ts';
import { startKitAppliance, type KitAppliance } from '../../../test-support/kitAppliance.ts';
import { hourMs } from '../../../src-shared/base/time.ts';
import { clockPath, readUptime } from '../licence/moment.ts';
import { createSecretKeys } from '../secrets/secretKeys.ts';
import { createGroupKeys, groupKeysFolder, isGroupKey } from './groupKeys.ts';

let kit: KitAppliance;

beforeEach(async () => {
  kit = await startKitAppliance();
  await createSecretKeys(kit.config.stateFolder);
  createGroupKeys({ ...acme(), groups: ['docs', 'plans 2026', 'docs'], now: Date.now() });
});
afterEach(() => kit.stop());

const acme = () => ({ stateFolder: kit.config.stateFolder, clientId: 'acme' });

function run(...words: string[]) {
  return kit.ke(['ke_manage_remote_networks', 'group-key', ...words]);
}

function verify(key: string, group = 'docs') {
  return kit.ke(['ke_manage_remote_networks', 'group-key', 'verify', 'acme', group], key);
}

async function show(group = 'docs'): Promise<string> {
  return shownGroupKeySchema.parse(JSON.parse((await run('show', 'acme', group, '--json')).stdout)).key;
}

async function storedFiles(): Promise<string[]> {
  const folder = join(kit.config.stateFolder, groupKeysFolder);
  const names = await readdir(folder);
  return Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
}

describe('group keys', () => {
  it('are listed without the keys, one for each group', async () => {
    const { stdout } = await run('list', '--json');
    const { groupKeys } = groupKeysOutputSchema.parse(JSON.parse(stdout));
    expect(groupKeys.map(({ clientId, group }) => [clientId, group])).toEqual([
      ['acme', 'docs'],
      ['acme', 'plans 2026'],
    ]);
    for (const group of ['docs', 'plans 2026']) expect(stdout).not.toContain(await show(group));
  });

  it('differ, and stay when the group is announced again', async () => {
    const key = await show();
    expect(key).toMatch(/^sgk_[\w-]{43}$/);
    expect(await show('plans 2026')).not.toBe(key);
    createGroupKeys({ ...acme(), groups: ['docs'], now: Date.now() });
    expect(await show()).toBe(key);
  });

  it('are nowhere on the disk in clear text, nor in the log', async () => {
    const key = await show();
    const files = await storedFiles();
    expect(files.some((text) => text.includes('"group":"docs"'))).toBe(true);
    for (const text of [...files, ...kit.logged]) {
      expect(text).not.toContain(key);
      expect(text).not.toContain(Buffer.from(key).toString('base64'));
    }
  });

  it('are encrypted with AES-256-CBC under a key that RSA-2048 with OAEP wraps', async () => {
    const folder = join(kit.config.stateFolder, 'secrets');
    const privateKey = createPrivateKey(await readFile(join(folder, 'private.pem')));
    expect(privateKey.asymmetricKeyDetails).toMatchObject({ modulusLength: 2048 });
    expect(createPublicKey(await readFile(join(folder, 'public.pem'))).asymmetricKeyType).toBe('rsa');
    const [first = '', second = ''] = await storedFiles();
    const wrapped = JSON.parse(first).sealed.wrappedKey;
    const key = privateDecrypt(
      { key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING },
      Buffer.from(wrapped, 'base64'),
    );
    expect(key).toHaveLength(32);
    expect(JSON.parse(first).sealed.iv).not.toBe(JSON.parse(second).sealed.iv);
  });

  it('are shown with a line in the log, and only while the private key matches', async () => {
    await show();
    expect(kit.logged).toEqual(['showed the group key of acme docs by test']);
    const path = join(kit.config.stateFolder, 'secrets', 'private.pem');
    const other = await startKitAppliance();
    await other.ke(['ke_manage_remote_networks', 'group-key', 'init']);
    await writeFile(path, await readFile(join(other.config.stateFolder, 'secrets', 'private.pem')));
    await other.stop();
    const refused = await run('show', 'acme', 'docs');
    expect(refused).toMatchObject({ exitCode: 1, stdout: '' });
    expect(refused.stderr).toContain('COMMAND_FAILED: the secret can’t be decrypted');
  });

  it('are verified from stdin', async () => {
    const key = await show();
    expect((await verify(key)).exitCode).toBe(0);
    expect((await verify(`${key}\n`)).exitCode).toBe(0);
    for (const wrong of ['', 'sgk_', `${key}x`, key.slice(0, -1), key.toUpperCase(), 'x'.repeat(1000)])
      expect(await verify(wrong)).toMatchObject({
        exitCode: 7,
        stderr: expect.stringContaining('VERIFICATION_FAILED: this is not the key of acme docs'),
      });
    expect((await verify(key, 'plans 2026')).exitCode).toBe(7);
    expect((await verify(key, 'none')).exitCode).toBe(3);
    expect((await verify('x'.repeat(100_000))).exitCode).toBe(2);
  });

  it('are verified without the private key', async () => {
    const key = await show();
    await writeFile(join(kit.config.stateFolder, 'secrets', 'private.pem'), '');
    expect((await verify(key)).exitCode).toBe(0);
  });

  it('when rotated, the former key is accepted only within the overlap', async () => {
    const former = await show();
    const { stdout } = await run('rotate', 'acme', 'docs', '--overlap', '2', '--json');
    const { groupKey } = rotatedGroupKeySchema.parse(JSON.parse(stdout));
    const until = Date.parse(groupKey.previousUntil ?? '');
    expect(await show()).not.toBe(former);
    expect((await verify(former)).exitCode).toBe(0);
    const moment = { trusted: until, running: null };
    expect(isGroupKey({ ...acme(), group: 'docs', key: former, moment })).toBe(false);
    expect(isGroupKey({ ...acme(), group: 'docs', key: await show(), moment })).toBe(true);
    await run('rotate', 'acme', 'docs');
    expect((await verify(former)).exitCode).toBe(7);
  });

  it('when the clock is set back after the overlap, the former key stays refused', async () => {
    const former = await show();
    await run('rotate', 'acme', 'docs', '--overlap', '2');
    expect((await verify(former)).exitCode).toBe(0);
    const highWater = new Date(Date.now() + 3 * hourMs).toISOString();
    await writeFile(clockPath(kit.config.stateFolder), JSON.stringify({ format: 1, highWater }));
    expect((await verify(former)).exitCode).toBe(7);
    const { groupKeys } = groupKeysOutputSchema.parse(JSON.parse((await run('list', '--json')).stdout));
    expect(groupKeys[0]).toMatchObject({ group: 'docs', previousUntil: null });
  });

  it('when the clock is set back within the overlap, the former key ends by the uptime', async () => {
    const former = await show();
    await run('rotate', 'acme', 'docs', '--overlap', '2');
    const trusted = Date.now() - 365 * 24 * hourMs;
    const { bootId, uptimeMs } = readUptime();
    const isAccepted = (hours: number, boot = bootId) =>
      isGroupKey({
        ...acme(),
        group: 'docs',
        key: former,
        moment: { trusted, running: { bootId: boot, uptimeMs: uptimeMs + hours * hourMs } },
      });
    expect(isAccepted(1)).toBe(true);
    expect(isAccepted(2.1)).toBe(false);
    // The uptime of another boot says nothing.
    expect(isAccepted(2.1, 'another')).toBe(true);
  });

  it('when an earlier kit rotated a key, its overlap ends by the clock', async () => {
    const former = await show();
    await run('rotate', 'acme', 'docs', '--overlap', '2');
    const folder = join(kit.config.stateFolder, groupKeysFolder);
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      const { whileRunning: _, ...previous } = JSON.parse(await readFile(path, 'utf8')).previous ?? {};
      const stored = JSON.parse(await readFile(path, 'utf8'));
      await writeFile(path, JSON.stringify({ ...stored, previous: stored.previous && previous }));
    }
    expect((await verify(former)).exitCode).toBe(0);
    const moment = { trusted: Date.now() + 3 * hourMs, running: readUptime() };
    expect(isGroupKey({ ...acme(), group: 'docs', key: former, moment })).toBe(false);
  });

  it.each([
    ['rotate', 'acme', 'none'],
    ['show', 'acme', 'none'],
    ['show', 'nobody', 'docs'],
    ['show', 'acme', '../acme'],
  ])('%s of the unknown group %s %s fails with NOT_FOUND', async (verb, clientId, group) => {
    expect((await run(verb, clientId, group)).exitCode).toBe(3);
  });

  it('of a tenant whose name begins like another’s are kept apart', async () => {
    createGroupKeys({ ...acme(), clientId: 'acme.west', groups: ['docs'], now: Date.now() });
    const { stdout } = await run('list', 'acme', '--json');
    expect(groupKeysOutputSchema.parse(JSON.parse(stdout)).groupKeys).toHaveLength(2);
  });

  it('of one tenant are at most 256', async () => {
    const groups = Array.from({ length: 300 }, (_, index) => `group ${index}`);
    createGroupKeys({ ...acme(), clientId: 'many', groups, now: Date.now() });
    createGroupKeys({ ...acme(), clientId: 'many', groups, now: Date.now() });
    const { stdout } = await run('list', 'many', '--json');
    expect(groupKeysOutputSchema.parse(JSON.parse(stdout)).groupKeys).toHaveLength(256);
  });

  it('end with their tenant', async () => {
    await kit.ke(['ke_manage_remote_networks', 'add', 'acme']);
    createGroupKeys({ ...acme(), groups: ['docs'], now: Date.now() });
    await kit.ke(['ke_manage_remote_networks', 'remove', 'acme']);
    expect(await storedFiles()).toEqual([]);
  });

  it('when an earlier kit made no folder for them, tenants are added, listed and removed', async () => {
    await rm(join(kit.config.stateFolder, groupKeysFolder), { recursive: true });
    expect((await kit.ke(['ke_manage_remote_networks', 'add', 'acme'])).exitCode).toBe(0);
    expect(await run('list')).toMatchObject({ exitCode: 0, stderr: '' });
    expect((await kit.ke(['ke_manage_remote_networks', 'remove', 'acme'])).exitCode).toBe(0);
  });

  it('that are damaged are not replaced by an announcement', async () => {
    const folder = join(kit.config.stateFolder, groupKeysFolder);
    const [name = ''] = await readdir(folder);
    await writeFile(join(folder, name), '{');
    await chmod(join(folder, name), 0o600);
    createGroupKeys({ ...acme(), groups: ['docs', 'plans 2026'], now: Date.now() });
    expect(await readFile(join(folder, name), 'utf8')).toBe('{');
  });
});
