import { chmod, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { z } from 'zod';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startKitAppliance, type KitAppliance } from '../../../test-support/kitAppliance.ts';
import { showLicence } from './licence.ts';

const program = 'ke_manage_remote_networks';
const readJson = async (path: string): Promise<unknown> => JSON.parse(await readFile(path, 'utf8'));
const ago = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
let kit: KitAppliance;

beforeEach(async () => {
  kit = await startKitAppliance();
});
afterEach(() => kit.stop());

describe('when no licence authority is configured', () => {
  test.each([
    ['the key set is absent', null],
    ['the key set is empty', '{"keys":[]}'],
  ])('and %s, no licence is required and nothing is forbidden', async (_case, keySet) => {
    if (keySet !== null) await kit.writeKeySet(keySet);
    const show = await kit.ke(['ke_manage_license_key', 'show']);
    expect(show).toEqual({
      exitCode: 0,
      stdout: 'State    not-required: No licence required: no licence authority is configured\n',
      stderr: '',
    });
    expect(await showLicence(kit.appliance)).toMatchObject({ state: 'not-required', expiresAt: null });
    expect((await kit.ke([program, 'add', 'acme'])).exitCode).toBe(0);
    expect((await kit.ke([program, 'change', '40', 'acme'])).exitCode).toBe(0);
  });

  test('an installed licence is unverifiable, because its authority was lost', async () => {
    const installLicence = await kit.installAuthority();
    await installLicence({});
    for (const keySet of [null, '{"keys":[]}']) {
      if (keySet === null) await rm(kit.config.authorityKeys);
      else await kit.writeKeySet(keySet);
      expect(await showLicence(kit.appliance)).toMatchObject({
        state: 'unverifiable',
        reason: expect.stringContaining('restore that file'),
      });
      expect((await kit.ke([program, 'add', 'acme'])).exitCode).toBe(6);
    }
  });
});

const otherKey = { kty: 'RSA', n: 'AQAB', e: 'AQAB' };
const shortKey = { kty: 'OKP', crv: 'Ed25519', x: 'AQAB' };

describe('when the key set contains no usable key, a licence is required', () => {
  test.each<[string, (path: string) => unknown, string]>([
    ['is an empty file', () => kit.writeKeySet(''), 'is damaged'],
    ['is cut off', () => kit.writeKeySet('{"keys":['), 'is damaged'],
    ['is other JSON', () => kit.writeKeySet('[]'), 'is damaged'],
    ['has no list', () => kit.writeKeySet('{}'), 'is damaged'],
    ['has null instead of a list', () => kit.writeKeySet('{"keys":null}'), 'is damaged'],
    ['is binary', () => kit.writeKeySet('\u0000\ufffd'), 'is damaged'],
    ['is huge', () => kit.writeKeySet(`{"keys":[]}${' '.repeat(300_000)}`), 'is larger than'],
    ['has keys of other kinds', () => kit.writeKeySet(JSON.stringify({ keys: [otherKey] })), 'no usable key'],
    ['has a key cut short', () => kit.writeKeySet(JSON.stringify({ keys: [shortKey] })), 'no usable key'],
    [
      'may be written by others',
      () => kit.writeKeySet('{"keys":[]}').then(() => chmod(kit.config.authorityKeys, 0o666)),
      'can be changed',
    ],
    ['is a folder', (path) => mkdir(path), 'is not a regular file'],
    ['is a pipe', (path) => execFileSync('mkfifo', [path]), 'is not a regular file'],
    ['is a link to nothing', (path) => symlink('/nonexistent', path), 'can’t be read: ENOENT'],
    ['is a link to itself', (path) => symlink(path, path), 'can’t be read: ELOOP'],
  ])('because the key set %s', async (_case, place, reason) => {
    await place(kit.config.authorityKeys);
    expect(await showLicence(kit.appliance)).toMatchObject({
      state: 'unverifiable',
      reason: expect.stringContaining(reason),
    });
    const add = await kit.ke([program, 'add', 'acme']);
    expect(add).toMatchObject({ exitCode: 6, stdout: '' });
    expect(add.stderr).toContain('LICENCE_FORBIDS');
    expect(await kit.state()).toBe('');
  });

  test('because the folder of the key set is missing', async () => {
    kit.appliance.config = { ...kit.config, authorityKeys: `${kit.folder}/not-mounted/authority.jwks` };
    expect((await showLicence(kit.appliance)).state).toBe('unverifiable');
  });
});

describe('when an authority’s key is installed', () => {
  let installLicence: Awaited<ReturnType<KitAppliance['installAuthority']>>;
  beforeEach(async () => {
    installLicence = await kit.installAuthority();
  });

  test.each([
    ['names no authority', undefined, 'offline'],
    ['names an authority', { url: 'https://licences.example', mode: 'connected' }, 'connected'],
    ['reaches it only by hand', { url: 'https://licences.example', mode: 'offline' }, 'offline'],
  ] as const)('and the configuration %s, show says the mode', async (_case, authority, mode) => {
    kit.appliance.config = { ...kit.config, authority };
    expect(await showLicence(kit.appliance)).toMatchObject({ state: 'missing', mode });
    await installLicence({});
    expect(await showLicence(kit.appliance)).toMatchObject({ state: 'valid', mode });
    const { stdout } = await kit.ke(['ke_manage_license_key', 'show']);
    expect(stdout).toContain(`\nMode     ${mode}: `);
  });

  test('and there is no licence, growth is forbidden', async () => {
    expect(await showLicence(kit.appliance)).toMatchObject({ state: 'missing' });
    expect((await kit.ke([program, 'add', 'acme'])).exitCode).toBe(6);
  });

  test('and the key set contains other kinds of keys too, the licence is valid', async () => {
    await installLicence({});
    const set = z.object({ keys: z.array(z.unknown()) }).parse(await readJson(kit.config.authorityKeys));
    await kit.writeKeySet(JSON.stringify({ keys: [otherKey, ...set.keys, shortKey] }));
    expect(await showLicence(kit.appliance)).toMatchObject({ state: 'valid' });
  });

  test('and the licence has expired, keys can be replaced and added, but tenants and ports cannot', async () => {
    await installLicence({});
    expect((await kit.ke([program, 'add', 'acme'])).exitCode).toBe(0);
    await installLicence({ expiresAt: ago(30) });
    expect(await showLicence(kit.appliance)).toMatchObject({ state: 'expired' });
    const codes = async (...commands: string[][]) =>
      Promise.all(commands.map(async (words) => (await kit.ke([program, ...words])).exitCode));
    expect(await codes(['add', 'late'], ['change', '21', 'acme'])).toEqual([6, 6]);
    for (const words of [
      ['add', 'acme', '-f'],
      ['add', 'acme', '-f', '--overlap', '24'],
      ['add', 'acme'],
      ['change', '0', 'acme'],
      ['change', '20', 'acme'],
      ['change', '10', 'acme'],
    ])
      expect([words, ...(await codes(words))]).toEqual([words, 0]);
  });
});

test('when no licence is required, a damaged clock record has no effect', async () => {
  await writeFile(`${kit.config.stateFolder}/clock.json`, '{"format":1,');
  expect((await showLicence(kit.appliance)).state).toBe('not-required');
});
