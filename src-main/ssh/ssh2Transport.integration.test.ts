import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeKey, startPlainSshd, until, type PlainSshd } from '../../test-support/plainSshd.ts';
import { AppError } from '../../src-shared/errors.ts';
import type { Authentication, SshTarget } from '../../src-shared/model/applianceEntry.ts';
import type { HostKey } from '../../src-shared/model/hostKey.ts';
import type { AuthenticationStep } from '../../src-shared/model/link.ts';
import { createSsh2Transport } from './ssh2Transport.ts';
import type { AskSecret, ConnectRequest, SshConnection } from './types.ts';

const nothing: Authentication = { agent: false, keyFile: null, password: false, keyboardInteractive: false };

let folder: string;
let sshd: PlainSshd;
let key: ReturnType<typeof makeKey>;
const open: SshConnection[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ssh-test-'));
  key = makeKey(folder, 'right');
  sshd = await startPlainSshd({ authorizedKeys: [key.publicKey] });
});

afterAll(async () => {
  for (const connection of open) connection.close();
  await sshd.stop();
  rmSync(folder, { recursive: true });
});

function target(authentication: Partial<Authentication>, port = sshd.port): SshTarget {
  return { host: '127.0.0.1', port, user: 'root', authentication: { ...nothing, ...authentication } };
}

const nobody: AskSecret = () => Promise.resolve(null);

/** Connects and keeps what the attempt showed. `pinned` is by port. */
async function attempt(
  request: Partial<ConnectRequest> & { target: SshTarget },
  options: { pinned?: Record<number, HostKey>; agentPath?: string | null } = {},
) {
  const steps: AuthenticationStep[] = [];
  const offers: { hop: string; offered: HostKey }[] = [];
  const transport = createSsh2Transport({ agentPath: options.agentPath ?? null });
  const connecting = transport.connect({
    jumps: [],
    verifyHostKey: ({ name, port }, offered) => {
      offers.push({ hop: name, offered });
      const pinned = options.pinned?.[port];
      if (options.pinned === undefined || pinned?.fingerprint === offered.fingerprint)
        return Promise.resolve();
      const code = pinned === undefined ? 'HOST_KEY_UNKNOWN' : 'HOST_KEY_CHANGED';
      return Promise.reject(
        new AppError(code, 'host key', { detail: { hop: name, offered, pinned: pinned ?? null } }),
      );
    },
    askSecret: nobody,
    onStep: (step) => steps.push(step),
    signal: new AbortController().signal,
    ...request,
  });
  const connection = await connecting.catch((error: unknown) => error);
  if (connection instanceof AppError) return { error: connection, steps, offers };
  if (connection instanceof Error) throw connection;
  const made = connection as SshConnection;
  open.push(made);
  return { connection: made, steps, offers };
}

async function connected(...input: Parameters<typeof attempt>) {
  const result = await attempt(...input);
  if (result.connection === undefined) throw result.error;
  return { ...result, connection: result.connection };
}

async function refused(...input: Parameters<typeof attempt>) {
  const result = await attempt(...input);
  if (result.error === undefined) throw new Error('the connection was made');
  return { ...result, error: result.error };
}

async function output(connection: SshConnection, line: string): Promise<string> {
  const process = await connection.exec(line);
  const chunks: Buffer[] = [];
  process.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  process.stderr.resume();
  await process.exited;
  return Buffer.concat(chunks).toString();
}

describe('a plain log-in', () => {
  test('with the right key runs commands, measures a round trip, and says what was agreed', async () => {
    const { connection, steps, offers } = await connected({ target: target({ keyFile: key.path }) });
    expect(await output(connection, 'echo $((6 * 7))')).toBe('42\n');
    expect(await connection.ping(5000)).toBeGreaterThan(0);
    expect(connection.serverSoftware).toMatch(/^OpenSSH_/);
    expect(connection.algorithms.hostKey).toBe('ssh-ed25519');
    expect(connection.algorithms.cipher).not.toBe('unknown');
    expect(offers).toEqual([
      {
        hop: `root@127.0.0.1:${sshd.port}`,
        offered: { type: 'ssh-ed25519', fingerprint: sshd.hostKeys[0]?.fingerprint },
      },
    ]);
    expect(steps.map(({ method, outcome }) => [method, outcome])).toEqual([['key-file', 'accepted']]);
    expect(steps[0]?.detail).toContain(key.fingerprint);
  });
});
