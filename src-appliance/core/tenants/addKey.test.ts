import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startKitAppliance, type KitAppliance } from '../../../test-support/kitAppliance.ts';
import {
  remoteNetworksSchema,
  tenantChangeSchema,
} from '../../../src-shared/model/tenants/remoteNetworks.ts';
import { generateKeyPair } from './keyPair.ts';

const program = 'ke_manage_remote_networks';
let kit: KitAppliance;

beforeEach(async () => {
  kit = await startKitAppliance();
});
afterEach(() => kit.stop());

/** A new public key as one line, and its fingerprint. */
function aKey() {
  const { type, blob, fingerprint } = generateKeyPair('').publicKey;
  return { line: `${type} ${blob}\n`, fingerprint };
}

const addKey = (clientId: string, key: { line: string }, ...options: string[]) =>
  kit.ke([program, 'add', clientId, '--pub-key', '/dev/stdin', '--json', ...options], key.line);

async function changed(command: ReturnType<KitAppliance['ke']>) {
  const { exitCode, stdout, stderr } = await command;
  expect([exitCode, stderr]).toEqual([0, expect.any(String)]);
  return tenantChangeSchema.parse(JSON.parse(stdout));
}

async function keysOf(clientId: string) {
  const { stdout } = await kit.ke([program, 'list', clientId, '--json']);
  return remoteNetworksSchema.parse(JSON.parse(stdout)).tenants.flatMap((tenant) => tenant.keys);
}
const fingerprintsOf = async (clientId: string) =>
  (await keysOf(clientId)).map(({ fingerprint }) => fingerprint);

describe('when the tenant exists, add without -f', () => {
  test('adds the key to the old ones, newest first, and ends no session', async () => {
    const [old, recent] = [aKey(), aKey()];
    await addKey('acme', old);
    kit.ended.length = 0;
    const { exitCode, stdout, stderr } = await addKey('acme', recent);
    expect(tenantChangeSchema.parse(JSON.parse(stdout))).toMatchObject({
      action: 'key-added',
      quota: 20,
      ports: [{ first: 2200, last: 2219 }],
      endedSessions: 0,
      validKeys: 2,
      fingerprint: recent.fingerprint,
    });
    expect([exitCode, stderr]).toEqual([
      0,
      `${program}: acme already exists. The new key was added to its existing keys, which makes 2 valid keys (at most 5). To replace the old keys, add -f.\n`,
    ]);
    expect(kit.ended).toEqual([]);
    expect(await fingerprintsOf('acme')).toEqual([recent.fingerprint, old.fingerprint]);
    expect(kit.logged.at(-1)).toBe(
      `key-added acme (add acme) by test: 2 valid keys, quota 20, ports 2200–2219, key ${recent.fingerprint}`,
    );
  });

  test('when no public key is given, generates a pair and prints only the private key to stdout', async () => {
    await kit.ke([program, 'add', 'acme']);
    const second = await kit.ke([program, 'add', 'acme']);
    expect(second.stdout).toMatch(
      /^-----BEGIN OPENSSH PRIVATE KEY-----\n[\s\S]+-----END OPENSSH PRIVATE KEY-----\n$/u,
    );
    expect(second.stderr).toContain('which makes 2 valid keys (at most 5)');
    expect(await keysOf('acme')).toHaveLength(2);
  });

  test('keeps the quota and ports of the tenant', async () => {
    await addKey('acme', aKey());
    await kit.ke([program, 'change', '30', 'acme']);
    expect(await changed(addKey('acme', aKey()))).toMatchObject({ quota: 30, validKeys: 2 });
  });

  test('when the tenant is suspended, adds the key, keeps it suspended and says so', async () => {
    await addKey('acme', aKey());
    await kit.ke([program, 'change', '0', 'acme']);
    const { stdout, stderr } = await addKey('acme', aKey());
    expect(tenantChangeSchema.parse(JSON.parse(stdout))).toMatchObject({ quota: 0, validKeys: 2 });
    expect(stderr).toContain('It is suspended and can’t log in until it is resumed.');
  });

  test('rejects the same key with ALREADY_EXISTS and changes nothing', async () => {
    const key = aKey();
    await addKey('acme', key);
    await addKey('acme', aKey());
    const before = await kit.state();
    expect(await addKey('acme', key)).toEqual({
      exitCode: 3,
      stdout: '',
      stderr: `${program}: ALREADY_EXISTS: this key is already valid for acme; nothing was changed\n`,
    });
    expect(await kit.state()).toBe(before);
  });

  test('rejects a key in its overlap with ALREADY_EXISTS, and says how long the key is valid', async () => {
    const key = aKey();
    await addKey('acme', key);
    await addKey('acme', aKey(), '-f', '--overlap', '2');
    const [, old] = await keysOf('acme');
    const { exitCode, stderr } = await addKey('acme', key);
    expect([exitCode, stderr]).toEqual([3, expect.stringContaining(`until ${old?.expiresAt}; nothing`)]);
  });

  test('rejects a key of another tenant with ALREADY_EXISTS', async () => {
    const key = aKey();
    await addKey('acme', key);
    await addKey('globex', aKey());
    const before = await kit.state();
    const { exitCode, stderr } = await addKey('globex', key);
    expect([exitCode, stderr]).toEqual([3, expect.stringContaining('this key belongs to acme')]);
    expect(await kit.state()).toBe(before);
  });

  test('rejects the sixth key with TOO_MANY_KEYS and changes nothing; -f still replaces all keys', async () => {
    for (let count = 1; count <= 5; count += 1)
      expect((await changed(addKey('acme', aKey()))).validKeys).toBe(count);
    const before = await kit.state();
    expect(await addKey('acme', aKey())).toEqual({
      exitCode: 3,
      stdout: '',
      stderr: `${program}: TOO_MANY_KEYS: acme has 5 valid keys, and at most 5 are allowed; replace them with -f\n`,
    });
    const overlapping = await addKey('acme', aKey(), '-f', '--overlap', '2');
    expect([overlapping.exitCode, overlapping.stderr]).toEqual([
      3,
      expect.stringContaining('without --overlap'),
    ]);
    expect(await kit.state()).toBe(before);
    const last = aKey();
    expect(await changed(addKey('acme', last, '-f'))).toMatchObject({ action: 'replaced', validKeys: 1 });
    expect(await fingerprintsOf('acme')).toEqual([last.fingerprint]);
    expect(kit.ended.at(-1)).toEqual({ clientId: 'acme', keepFingerprints: [last.fingerprint] });
  });

  test('when a key is in its overlap, counts it; when it has expired, does not', async () => {
    for (let count = 0; count < 4; count += 1) await addKey('acme', aKey());
    await addKey('acme', aKey(), '-f', '--overlap', '1');
    expect((await addKey('acme', aKey())).exitCode).toBe(3);
    const later = Date.now() + 2 * 3_600_000;
    kit.appliance.now = () => later;
    expect((await changed(addKey('acme', aKey()))).validKeys).toBe(2);
  });

  test('when the tenant was changed since, rejects with CONFLICT', async () => {
    const { stdout } = await addKey('acme', aKey());
    expect(stdout).toContain('added');
    const before = await kit.state();
    for (const since of ['none', '2026-11-20T09:00:00.000Z'])
      expect((await addKey('acme', aKey(), '--unchanged-since', since)).exitCode).toBe(3);
    expect(await kit.state()).toBe(before);
    const list = await kit.ke([program, 'list', 'acme', '--json']);
    const [tenant] = remoteNetworksSchema.parse(JSON.parse(list.stdout)).tenants;
    const done = await addKey('acme', aKey(), '--unchanged-since', tenant?.changedAt ?? '');
    expect(done.exitCode).toBe(0);
  });

  test('when five keys are added at the same time, stores each of them', async () => {
    await addKey('acme', aKey());
    const all = await Promise.all(Array.from({ length: 5 }, () => addKey('acme', aKey())));
    expect(all.map(({ exitCode }) => exitCode).toSorted((a, b) => a - b)).toEqual([0, 0, 0, 0, 3]);
    expect(await keysOf('acme')).toHaveLength(5);
  });
});

test('when a tenant is changed or removed, output and syslog contain only the effects that apply', async () => {
  const key = aKey();
  await addKey('acme', key);
  expect((await kit.ke([program, 'change', '0', 'acme'])).stdout).toBe(
    'suspended acme: keeps ports 2200–2219\n',
  );
  expect(kit.logged.at(-1)).toBe(
    `suspended acme (change 0 acme) by test: keeps ports 2200–2219, key ${key.fingerprint}`,
  );
  expect((await kit.ke([program, 'remove', 'acme'])).stdout).toBe('removed acme\n');
  expect(kit.logged.at(-1)).toBe(`removed acme (remove acme) by test: key ${key.fingerprint}`);
});
