import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  connectOrThrow,
  hostKeyOf,
  readOutput,
  expectRefusal,
  rootAt,
} from '../../../test-support/connectAttempt.ts';
import { makeKey, startPlainSshd, type PlainSshd } from '../../../test-support/plainSshd.ts';
import { waitFor } from '../../../test-support/waitFor.ts';
import type { Authentication } from '../../../src-shared/model/appliance/applianceEntry.ts';

let folder: string;
let sshd: PlainSshd;
let key: ReturnType<typeof makeKey>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ssh-test-'));
  key = makeKey(folder, 'right');
  sshd = await startPlainSshd({ authorizedKeys: [key.publicKey] });
});

afterAll(async () => {
  await sshd.stop();
  rmSync(folder, { recursive: true });
});

const target = (authentication: Partial<Authentication>, port = sshd.port) => rootAt(port, authentication);

/**
 * Returns the types of the packets that the server received. 20 (KEXINIT) and 30 (KEX_ECDH_INIT) are the key
 * exchange.
 */
function received(log: string): number[] {
  return [...log.matchAll(/receive packet: type (\d+)/g)].map((match) => Number(match[1]));
}

describe('host keys', () => {
  test.each([
    ['unknown', 'HOST_KEY_UNKNOWN', undefined],
    [
      'changed',
      'HOST_KEY_CHANGED',
      { type: 'ssh-ed25519', fingerprint: `SHA256:${createHash('sha256').digest('base64').slice(0, 43)}` },
    ],
  ] as const)('%s: nothing is sent after the key exchange', async (_name, code, pinned) => {
    const strict = await startPlainSshd({ authorizedKeys: [key.publicKey] });
    try {
      await waitFor('the probe of the start to be logged', () => strict.log().includes('Connection'));
      strict.clearLog();
      const { error, steps } = await expectRefusal(
        { target: target({ keyFile: key.path }, strict.port) },
        { pinned: pinned === undefined ? {} : { [strict.port]: pinned } },
      );
      expect(error.code).toBe(code);
      const offered = {
        type: 'ssh-ed25519',
        fingerprint: strict.hostKeys[0]?.fingerprint,
        md5: expect.stringMatching(/^[0-9a-f:]{47}$/u),
      };
      expect(error.detail).toEqual({
        hop: `root@127.0.0.1:${strict.port}`,
        hopIndex: 0,
        offered,
        pinned: pinned ?? null,
      });
      expect(steps).toEqual([]);
      await waitFor('the server to see the end', () => strict.connections().length === 0);
      expect(received(strict.log())).toEqual([20, 30]);
      expect(strict.log()).not.toContain('userauth-request');
    } finally {
      await strict.stop();
    }
  });

  test('when a server has several keys, asks for the pinned type', async () => {
    const many = await startPlainSshd({
      authorizedKeys: [key.publicKey],
      hostKeyTypes: ['ed25519', 'ecdsa', 'rsa'],
    });
    try {
      const types: Record<string, string> = {
        'ssh-ed25519': 'ssh-ed25519',
        'ecdsa-sha2-nistp256': 'ecdsa-sha2-nistp256',
        'ssh-rsa': 'rsa-sha2-512',
      };
      for (const [index, [type, algorithm]] of Object.entries(types).entries()) {
        const { connection, offers } = await connectOrThrow({
          target: target({ keyFile: key.path }, many.port),
          pinnedTypes: () => [type],
        });
        expect(offers[0]?.offered).toMatchObject({ type, fingerprint: many.hostKeys[index]?.fingerprint });
        expect(connection.algorithms.hostKey).toBe(algorithm);
        connection.close();
      }
    } finally {
      await many.stop();
    }
  });

  test('verifies each hop of a chain; refusing the last one leaves no connection', async () => {
    const first = await startPlainSshd({ authorizedKeys: [key.publicKey] });
    const second = await startPlainSshd({ authorizedKeys: [key.publicKey] });
    try {
      const jumps = [target({ keyFile: key.path }, first.port), target({ keyFile: key.path }, second.port)];
      const pinned = {
        [first.port]: hostKeyOf(first),
        [second.port]: hostKeyOf(second),
        [sshd.port]: hostKeyOf(sshd),
      };
      const before = sshd.connections().length;
      const { connection, offers, steps } = await connectOrThrow(
        { target: target({ keyFile: key.path }), jumps },
        { pinned },
      );
      expect(offers.map(({ hop, offered }) => [hop, offered.fingerprint])).toEqual(
        [first, second, sshd].map((each) => [`root@127.0.0.1:${each.port}`, hostKeyOf(each).fingerprint]),
      );
      expect(steps.map((step) => step.hop)).toEqual(offers.map(({ hop }) => hop));
      expect(await readOutput(connection, 'echo "${SSH_CONNECTION##* }"')).toBe(`${sshd.port}\n`);
      connection.close();
      await waitFor(
        'all hops to end',
        () => first.connections().length + second.connections().length + sshd.connections().length === before,
      );

      const swapped = { ...pinned, [second.port]: hostKeyOf(first) };
      const { error } = await expectRefusal(
        { target: target({ keyFile: key.path }), jumps },
        { pinned: swapped },
      );
      expect(error).toMatchObject({
        code: 'HOST_KEY_CHANGED',
        detail: {
          hop: `root@127.0.0.1:${second.port}`,
          offered: hostKeyOf(second),
          pinned: hostKeyOf(first),
        },
      });
      await waitFor('the first hop to end', () => first.connections().length === 0);
    } finally {
      await first.stop();
      await second.stop();
    }
  });

  test('when a jump host can’t reach the target, names it', async () => {
    const { error } = await expectRefusal({
      target: { ...target({ keyFile: key.path }), port: 1 },
      jumps: [target({ keyFile: key.path })],
    });
    expect(error.code).toBe('CONNECT_FAILED');
    expect(error.message).toContain('root@127.0.0.1:1 can’t be reached from the jump host');
  });
});

const start = (line: string, type = 'ed25519') =>
  startPlainSshd({ authorizedKeys: [key.publicKey], configuration: [line], hostKeyTypes: [type] });

describe('Debian’s sshd that offers one algorithm alone', () => {
  test.each([
    ['KexAlgorithms diffie-hellman-group-exchange-sha256', { kex: 'diffie-hellman-group-exchange-sha256' }],
    ['KexAlgorithms diffie-hellman-group16-sha512', { kex: 'diffie-hellman-group16-sha512' }],
    ['Ciphers aes256-gcm@openssh.com', { cipher: 'aes256-gcm@openssh.com', mac: 'part of the cipher' }],
  ])('when that is %s, connects', async (line, agreed) => {
    const strict = await start(line);
    try {
      const to = { target: target({ keyFile: key.path }, strict.port) };
      const { connection } = await connectOrThrow(to);
      expect(connection.algorithms).toMatchObject({ ...agreed, weak: [] });
      connection.close();
    } finally {
      await strict.stop();
    }
  });

  test.each([
    ['HostKeyAlgorithms ssh-rsa', 'rsa', 'serverHostKey', 'ssh-rsa'],
    ['KexAlgorithms diffie-hellman-group14-sha1', 'ed25519', 'kex', 'diffie-hellman-group14-sha1'],
    ['MACs hmac-sha1\nCiphers aes128-ctr', 'ed25519', 'hmac', 'hmac-sha1'],
  ])('when that is %s, is refused unless legacy algorithms are allowed', async (line, type, kind, name) => {
    const old = await start(line, type);
    try {
      const to = { target: target({ keyFile: key.path }, old.port) };
      const { error, steps } = await expectRefusal(to);
      expect(error).toMatchObject({
        code: 'ALGORITHMS_REFUSED',
        detail: { kind, offered: [name], legacy: [name] },
      });
      expect(steps).toEqual([]);
      const { connection } = await connectOrThrow({ ...to, legacyAlgorithms: true });
      expect(connection.algorithms.weak).toEqual([name]);
      expect(await readOutput(connection, 'echo through')).toBe('through\n');
      connection.close();
    } finally {
      await old.stop();
    }
  });
});
