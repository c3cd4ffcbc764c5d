import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { anInput } from '../../test-support/anEntry.ts';
import { hostKeyFromBlob } from '../ssh/transport/hostKeyCheck.ts';
import { hopNameOf } from '../ssh/transport/hopName.ts';
import type { SshTransport } from '../ssh/types.ts';
import { createServices, type Services } from '../services.ts';
import { maxKnownHostsBytes } from './knownHosts.ts';

const keyText = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICn3Tt3MbEdvKfQid4dDNEXIapy1CGk+voGnSOKt1f6j';
const otherKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f';
const offered = hostKeyFromBlob(Buffer.from(keyText.split(' ')[1] ?? '', 'base64'));
const input = anInput('kiln');
const way = { target: input.target, jumps: [] };

/**
 * Stands in for servers that all have the host key `offered`. It throws if the console accepts that key.
 */
const transport: SshTransport = {
  connect: async ({ target, verifyHostKey }) => {
    await verifyHostKey({ name: hopNameOf(target), host: target.host, port: target.port }, offered);
    throw new Error('the key was accepted');
  },
};

let folder: string;
let file: string;
let services: Services;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-known-'));
  file = join(folder, 'known_hosts');
  services = createServices({
    dataFolder: join(folder, 'data'),
    host: 'web',
    transport,
    knownHostsFiles: [join(folder, 'missing'), file, folder],
  });
});
afterEach(async () => {
  await services.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Adds an entry, connects, and returns the link's state once it needs the user. */
async function stateOfNewLink() {
  const { id } = await services.appliances.add(input, null);
  services.links.connect(id);
  return { id, state: await services.links.waitUntilSettled(id, 5_000) };
}

test.each([
  ['known', `kiln ${keyText}`],
  ['different', `kiln ${otherKey}`],
  ['absent', `mill ${keyText}`],
] as const)(
  'when known_hosts says %s, scan and link show it, and nothing is pinned',
  async (answer, line) => {
    writeFileSync(file, `# comment\n${line}\n`);
    const place = answer === 'absent' ? null : { file, line: 2 };
    const knownHosts = { answer, place, hasCertificateAuthority: false };
    expect(await services.appliances.scanHostKey(way)).toEqual({
      offered,
      pinned: null,
      knownHosts,
      expected: null,
    });
    expect((await stateOfNewLink()).state).toMatchObject({ state: 'waiting-host-key', offered, knownHosts });
    expect(services.inventory.pinned(input.target)).toBeNull();
  },
);

test('when the key is revoked, the link stops, pinned or not, and it can’t be accepted', async () => {
  const { id } = await stateOfNewLink();
  writeFileSync(file, `@revoked * ${keyText}\n`);
  const refusal = { code: 'HOST_KEY_REVOKED', detail: { host: 'kiln', port: 22 } };
  await expect(services.appliances.acceptHostKey(id, offered.fingerprint)).rejects.toMatchObject(refusal);
  expect(services.inventory.pinned(input.target)).toBeNull();
  services.inventory.pin(input.target, offered);
  services.links.connect(id);
  expect(await services.links.waitUntilSettled(id, 5_000)).toMatchObject({
    state: 'stopped',
    error: refusal,
  });
  expect((await services.appliances.scanHostKey(way)).knownHosts.answer).toBe('revoked');
});

test('when known_hosts is too large to read, scan and link say so, although it has the key', async () => {
  writeFileSync(file, `kiln ${keyText}\n${'#'.repeat(100)}`);
  truncateSync(file, maxKnownHostsBytes + 1);
  const knownHosts = { answer: 'incomplete', place: { file, line: 1 } };
  expect(await services.appliances.scanHostKey(way)).toMatchObject({ knownHosts });
  expect((await stateOfNewLink()).state).toMatchObject({ state: 'waiting-host-key', knownHosts });
  expect(services.inventory.pinned(input.target)).toBeNull();
});

async function scan(expected: string) {
  return (await services.appliances.scanHostKey({ ...way, expected })).expected;
}

test('when a fingerprint is expected, scan compares the key with it', async () => {
  expect(await scan(`MD5:${offered.md5}`)).toBe('match');
  expect(await scan(keyText)).toBe('match');
  expect(await scan(otherKey)).toBe('mismatch');
  await expect(scan('yes')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
});

test('when another key is expected, rejects the offered one', async () => {
  const { id } = await stateOfNewLink();
  const accept = (expected: string) => services.appliances.acceptHostKey(id, offered.fingerprint, expected);
  await expect(accept(otherKey)).rejects.toMatchObject({ code: 'VERIFICATION_FAILED' });
  await expect(accept('yes')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  expect(services.inventory.pinned(input.target)).toBeNull();
  await accept(`MD5:${offered.md5}`);
  expect(services.inventory.pinned(input.target)).toMatchObject({ fingerprint: offered.fingerprint });
});
