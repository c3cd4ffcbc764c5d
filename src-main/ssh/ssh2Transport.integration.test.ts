import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeKey, startPlainSshd, type PlainSshd } from '../../test-support/plainSshd.ts';
import { waitFor } from '../../test-support/waitFor.ts';
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

function keys(each: PlainSshd): HostKey {
  return { type: 'ssh-ed25519', fingerprint: each.hostKeys[0]?.fingerprint ?? '' };
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
  try {
    const connection = await connecting;
    open.push(connection);
    return { connection, steps, offers };
  } catch (error) {
    if (error instanceof AppError) return { error, steps, offers };
    throw error;
  }
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

  test('goes on over new key exchanges without asking about the same key again', async () => {
    const often = await startPlainSshd({
      authorizedKeys: [key.publicKey],
      configuration: ['RekeyLimit 256K'],
    });
    try {
      const { connection, offers } = await connected({ target: target({ keyFile: key.path }, often.port) });
      const text = await output(connection, 'head -c 3000000 /dev/zero | tr "\\0" x');
      expect(text.length).toBe(3_000_000);
      expect(often.log().match(/rekeying/gi)?.length ?? 0).toBeGreaterThan(0);
      expect(offers.length).toBe(1);
      connection.close();
    } finally {
      await often.stop();
    }
  });

  test('closing ends the server process of the connection', async () => {
    const before = sshd.connections();
    const { connection } = await connected({ target: target({ keyFile: key.path }) });
    const [child] = sshd.connections().filter((pid) => !before.includes(pid));
    expect(child).toBeDefined();
    connection.close();
    await waitFor('the process to end', () => child !== undefined && !sshd.connections().includes(child));
    expect((await connection.closed).code).toBe('CANCELLED');
  });

  test('opens TCP from the appliance, and says why where it can not', async () => {
    const { connection } = await connected({ target: target({ keyFile: key.path }) });
    const echo = createServer((socket) => socket.pipe(socket));
    await new Promise<void>((resolve) => {
      echo.listen(0, '127.0.0.1', resolve);
    });
    const address = echo.address();
    const port = address === null || typeof address === 'string' ? 0 : address.port;
    const channel = await connection.forwardOut('127.0.0.1', port);
    channel.write('through');
    const data = await new Promise((resolve) => channel.once('data', resolve));
    expect(String(data)).toBe('through');
    channel.end();
    await new Promise((resolve) => echo.close(resolve));
    await expect(connection.forwardOut('127.0.0.1', port)).rejects.toMatchObject({ code: 'CONNECT_FAILED' });
  });

  test('a port where nobody listens, and a server that is not SSH, are connection failures', async () => {
    const other = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.resume();
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n<html>');
    });
    await new Promise<void>((resolve) => {
      other.listen(0, '127.0.0.1', resolve);
    });
    const address = other.address();
    const port = address === null || typeof address === 'string' ? 0 : address.port;
    expect((await refused({ target: target({ keyFile: key.path }, port) })).error.code).toBe(
      'CONNECT_FAILED',
    );
    await new Promise((resolve) => other.close(resolve));
    const { error } = await refused({ target: target({ keyFile: key.path }, port) });
    expect(error.code).toBe('CONNECT_FAILED');
    expect(error.message).toContain('connection refused');
  });

  test('can be cancelled, also before it begins', async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => {
      silent.listen(0, '127.0.0.1', resolve);
    });
    const address = silent.address();
    const port = address === null || typeof address === 'string' ? 0 : address.port;
    const controller = new AbortController();
    const accepted = new Promise((resolve) => silent.once('connection', resolve));
    const attempting = refused({ target: target({ keyFile: key.path }, port), signal: controller.signal });
    await accepted;
    controller.abort();
    expect((await attempting).error.code).toBe('CANCELLED');
    const again = await refused({ target: target({ keyFile: key.path }, port), signal: controller.signal });
    expect(again.error.code).toBe('CANCELLED');
    await new Promise((resolve) => silent.close(resolve));
  });
});

/** Types of the packets that the server received; the key exchange is 20 (KEXINIT) and 30 (KEX_ECDH_INIT). */
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
      const { error, steps } = await refused(
        { target: target({ keyFile: key.path }, strict.port) },
        { pinned: pinned === undefined ? {} : { [strict.port]: pinned } },
      );
      expect(error.code).toBe(code);
      const offered = { type: 'ssh-ed25519', fingerprint: strict.hostKeys[0]?.fingerprint };
      expect(error.detail).toEqual({
        hop: `root@127.0.0.1:${strict.port}`,
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

  test('a server with several keys is asked for the pinned type', async () => {
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
        const { connection, offers } = await connected({
          target: target({ keyFile: key.path }, many.port),
          pinnedTypes: () => [type],
        });
        expect(offers[0]?.offered).toEqual({ type, fingerprint: many.hostKeys[index]?.fingerprint });
        expect(connection.algorithms.hostKey).toBe(algorithm);
        connection.close();
      }
    } finally {
      await many.stop();
    }
  });

  test('each hop of a chain is verified, and refusing the last one leaves no connection', async () => {
    const first = await startPlainSshd({ authorizedKeys: [key.publicKey] });
    const second = await startPlainSshd({ authorizedKeys: [key.publicKey] });
    try {
      const jumps = [target({ keyFile: key.path }, first.port), target({ keyFile: key.path }, second.port)];
      const pinned = { [first.port]: keys(first), [second.port]: keys(second), [sshd.port]: keys(sshd) };
      const before = sshd.connections().length;
      const { connection, offers, steps } = await connected(
        { target: target({ keyFile: key.path }), jumps },
        { pinned },
      );
      expect(offers.map(({ hop, offered }) => [hop, offered.fingerprint])).toEqual(
        [first, second, sshd].map((each) => [`root@127.0.0.1:${each.port}`, keys(each).fingerprint]),
      );
      expect(steps.map((step) => step.hop)).toEqual(offers.map(({ hop }) => hop));
      expect(await output(connection, 'echo "${SSH_CONNECTION##* }"')).toBe(`${sshd.port}\n`);
      connection.close();
      await waitFor(
        'all hops to end',
        () => first.connections().length + second.connections().length + sshd.connections().length === before,
      );

      const swapped = { ...pinned, [second.port]: keys(first) };
      const { error } = await refused({ target: target({ keyFile: key.path }), jumps }, { pinned: swapped });
      expect(error).toMatchObject({
        code: 'HOST_KEY_CHANGED',
        detail: { hop: `root@127.0.0.1:${second.port}`, offered: keys(second), pinned: keys(first) },
      });
      await waitFor('the first hop to end', () => first.connections().length === 0);
    } finally {
      await first.stop();
      await second.stop();
    }
  });

  test('a jump host that can not reach the target is named', async () => {
    const { error } = await refused({
      target: { ...target({ keyFile: key.path }), port: 1 },
      jumps: [target({ keyFile: key.path })],
    });
    expect(error.code).toBe('CONNECT_FAILED');
    expect(error.message).toContain("root@127.0.0.1:1 can't be reached from the jump host");
  });
});

describe('authentication', () => {
  test('a wrong key is refused with what was tried', async () => {
    const wrong = makeKey(folder, 'wrong');
    const { error, steps } = await refused({ target: target({ keyFile: wrong.path, password: true }) });
    expect(error.code).toBe('AUTHENTICATION_FAILED');
    expect(error.message).toContain(`key file ${wrong.path} ED25519 ${wrong.fingerprint} (refused)`);
    expect(error.message).toContain('password not allowed by the server');
    expect(steps.map(({ method, outcome }) => [method, outcome])).toEqual([
      ['key-file', 'refused'],
      ['password', 'skipped'],
    ]);
  });

  test('an encrypted key asks, asks again when the passphrase was wrong, and shows it nowhere', async () => {
    const passphrase = `p-${randomBytes(8).toString('hex')}`;
    const locked = makeKey(folder, 'locked', { passphrase });
    sshd.authorize(locked.publicKey);
    const asked: boolean[] = [];
    const { connection, steps } = await connected({
      target: target({ keyFile: locked.path }),
      askSecret: ({ kind, refused: again }) => {
        expect(kind).toBe('key-passphrase');
        asked.push(again);
        return Promise.resolve([again ? passphrase : 'something else']);
      },
    });
    expect(asked).toEqual([false, true]);
    expect(await output(connection, 'id -un')).toBe('root\n');
    expect(JSON.stringify(steps)).not.toContain(passphrase);
    const { error } = await refused({
      target: target({ keyFile: locked.path }),
      askSecret: () => Promise.resolve(['never right']),
    });
    expect(error.code).toBe('KEY_UNREADABLE');
    expect(JSON.stringify(error.toData())).not.toContain('never right');
    expect((await refused({ target: target({ keyFile: locked.path }) })).error.code).toBe('SECRET_NEEDED');
  });

  test.each([
    ['missing', (path: string) => path, 'there is no such file'],
    [
      'rubbish',
      (path: string) => (writeFileSync(path, randomBytes(900)), path),
      'private key in a known form',
    ],
    ['public', (path: string) => (writeFileSync(path, key.publicKey), path), 'it is a public key'],
    ['large', (path: string) => (writeFileSync(path, randomBytes(70_000)), path), 'too large'],
    ['a folder', () => folder, 'it is not a file'],
  ])('a key file that is %s is named as such', async (name, prepare, words) => {
    const { error, steps } = await refused({
      target: target({ keyFile: prepare(join(folder, `bad-${name}`)) }),
    });
    expect(error.code).toBe('KEY_UNREADABLE');
    expect(error.message).toContain(words);
    expect(steps.map(({ outcome }) => outcome)).toEqual(['skipped']);
  });

  test('the agent: keys it refuses, keys that are of no use, and the one that works', async () => {
    const socket = join(folder, 'agent.sock');
    const agent = execFileSync('ssh-agent', ['-a', socket]).toString();
    const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(agent)?.[1]);
    try {
      const stranger = makeKey(folder, 'stranger');
      const certified = makeKey(folder, 'certified');
      execFileSync('ssh-keygen', ['-q', '-s', stranger.path, '-I', 'someone', `${certified.path}.pub`]);
      const environment = { ...process.env, SSH_AUTH_SOCK: socket };
      for (const each of [stranger, certified, key])
        execFileSync('ssh-add', ['-q', each.path], { env: environment, stdio: 'ignore' });

      const { connection, steps } = await connected(
        { target: target({ agent: true }) },
        { agentPath: socket },
      );
      expect(await output(connection, 'id -un')).toBe('root\n');
      const shown = steps.map(({ method, outcome, detail }) => `${method} ${outcome} ${detail}`);
      expect(shown).toEqual([
        `agent refused ED25519 ${stranger.fingerprint} from the agent`,
        `agent refused ED25519 ${certified.fingerprint} from the agent`,
        expect.stringMatching(/^agent skipped .*certificates are not supported by this driver$/),
        `agent accepted ED25519 ${key.fingerprint} from the agent`,
      ]);
    } finally {
      process.kill(pid);
    }
    const { error } = await refused({ target: target({ agent: true }) }, { agentPath: socket });
    expect(error.message).toContain(`no agent answers at ${socket}`);
  });

  test('a server that hangs up after too many refusals is a refused log-in, not a lost connection', async () => {
    const strict = await startPlainSshd({ configuration: ['MaxAuthTries 1'] });
    try {
      const { error } = await refused({ target: target({ keyFile: key.path }, strict.port) });
      expect(error.code).toBe('AUTHENTICATION_FAILED');
      expect(error.message).toContain('(refused)');
    } finally {
      await strict.stop();
    }
  });
});

describe('passwords of a real account', () => {
  const user = `sptest${process.pid % 100_000}`;
  const password = randomBytes(12).toString('base64url');
  let withPam: PlainSshd;

  beforeAll(async () => {
    execFileSync('useradd', ['-m', '-s', '/bin/sh', user]);
    execFileSync('chpasswd', { input: `${user}:${password}\n` });
    withPam = await startPlainSshd({
      configuration: ['UsePAM yes', 'PasswordAuthentication yes', 'KbdInteractiveAuthentication yes'],
    });
  });

  afterAll(async () => {
    await withPam.stop();
    execFileSync('userdel', ['-r', '-f', user], { stdio: 'ignore' });
  });

  const account = (authentication: Partial<Authentication>): SshTarget => ({
    ...target(authentication, withPam.port),
    user,
  });

  test('password: asked again after a wrong one', async () => {
    const asked: boolean[] = [];
    const { connection, steps } = await connected({
      target: account({ password: true }),
      askSecret: ({ refused: again }) => {
        asked.push(again);
        return Promise.resolve([again ? password : 'wrong']);
      },
    });
    expect(asked).toEqual([false, true]);
    expect(await output(connection, 'id -un')).toBe(`${user}\n`);
    expect(steps.map(({ method, outcome }) => [method, outcome])).toEqual([
      ['password', 'refused'],
      ['password', 'accepted'],
    ]);
    expect(JSON.stringify(steps)).not.toContain(password);
  });

  test('keyboard-interactive: shows what the server asks', async () => {
    const labels: string[] = [];
    const { connection, steps } = await connected({
      target: account({ keyboardInteractive: true }),
      askSecret: ({ kind, fields }) => {
        expect(kind).toBe('keyboard-interactive');
        labels.push(...fields.map(({ label, echo }) => `${label} ${echo}`));
        return Promise.resolve([password]);
      },
    });
    expect(labels).toEqual([expect.stringMatching(/password: false$/i)]);
    expect(await output(connection, 'id -un')).toBe(`${user}\n`);
    expect(steps.map(({ method, outcome }) => [method, outcome])).toEqual([
      ['keyboard-interactive', 'accepted'],
    ]);
  });

  test('nobody answers: the log-in ends and says what is needed', async () => {
    const { error } = await refused({ target: account({ password: true }) });
    expect(error.code).toBe('SECRET_NEEDED');
  });
});
