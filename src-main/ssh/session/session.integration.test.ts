import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { makeKey, startPlainSshd, type PlainSshd } from '../../../test-support/plainSshd.ts';
import { isRunning } from '../../../test-support/processTree.ts';
import { waitFor } from '../../../test-support/waitFor.ts';
import type { SshTarget } from '../../../src-shared/model/appliance/applianceEntry.ts';
import { createHandshakes, maxHandshakes } from './handshakes.ts';
import { createSession, type SessionOptions } from './session.ts';
import { createSsh2Transport } from '../transport/ssh2Transport.ts';
import type { Session, SshTransport } from '../types.ts';

let folder: string;
let sshd: PlainSshd;
let key: ReturnType<typeof makeKey>;
const sessions: Session[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'session-test-'));
  key = makeKey(folder, 'key');
  sshd = await startPlainSshd({ authorizedKeys: [key.publicKey] });
});

afterEach(() => {
  for (const session of sessions.splice(0)) session.release();
});

afterAll(async () => {
  await sshd.stop();
  rmSync(folder, { recursive: true });
});

function target(user = 'root', port = sshd.port): SshTarget {
  return {
    host: '127.0.0.1',
    port,
    user,
    authentication: { agent: false, keyFile: key.path, password: false, keyboardInteractive: false },
  };
}

function open(options: Partial<SessionOptions> = {}): Session {
  const session = createSession({
    transport: createSsh2Transport({ agentPath: null }),
    target: target(),
    jumps: [],
    sudo: 'none',
    verifyHostKey: () => Promise.resolve(),
    askSecret: () => Promise.resolve(null),
    handshakes: createHandshakes(),
    ...options,
  });
  sessions.push(session);
  session.want();
  return session;
}

describe('a session with a real sshd', () => {
  test('runs commands at the same time, more than there are channels', async () => {
    const session = open();
    await session.ready(60_000);
    const results = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        session.run({ argv: ['sh', '-c', 'cat; exit 4'], privileged: false, stdin: `${index}` }),
      ),
    );
    expect(results.map(({ stdout, exitCode }) => `${stdout} ${exitCode}`)).toEqual(
      results.map((_, index) => `${index} 4`),
    );
  });

  test('when released, ends the connection of every hop on the server', async () => {
    const jump = await startPlainSshd({ authorizedKeys: [key.publicKey] });
    try {
      const session = open({ jumps: [target('root', jump.port)] });
      await session.ready(60_000);
      expect(jump.connections()).toHaveLength(1);
      await waitFor('only this connection to be there', () => sshd.connections().length === 1);
      session.release();
      await waitFor(
        'the processes to end',
        () => jump.connections().length + sshd.connections().length === 0,
      );
    } finally {
      await jump.stop();
    }
  });

  test('when output is endless, ends the command on the server', async () => {
    const session = open();
    await session.ready(60_000);
    const mark = randomBytes(8).toString('hex');
    await expect(
      session.run({ argv: ['yes', mark], privileged: false, maxBytes: 3_000_000 }),
    ).rejects.toMatchObject({ code: 'OUTPUT_TOO_LARGE' });
    await waitFor('the command to end', async () => !(await isRunning(mark)));
  });

  test('when commands hang, gives up on them and never uses up the channels', async () => {
    const session = open();
    await session.ready(60_000);
    const hang = () => session.run({ argv: ['sleep', '20'], privileged: false, timeoutMs: 100 });
    const ended = await Promise.allSettled([hang(), hang(), hang()]);
    expect(ended.map((each) => each.status === 'rejected' && each.reason)).toEqual(
      ended.map(() => expect.objectContaining({ code: 'COMMAND_TIMEOUT' })),
    );
    await waitFor('the link to be made anew', () => session.state().state === 'retrying');
    await session.ready(60_000);
    expect(await session.run({ argv: ['echo', 'well'], privileged: false })).toMatchObject({
      stdout: 'well\n',
    });
  });

  test('when a server stops answering, notices it and reconnects automatically', async () => {
    const session = open();
    await session.ready(60_000);
    await waitFor('the first round trip', () => {
      const state = session.state();
      return state.state === 'connected' && state.latencyMs !== null;
    });
    const stoppedAt = performance.now();
    sshd.signalAll('SIGSTOP');
    await waitFor('the silence to be noticed', () => session.state().state !== 'connected');
    expect(performance.now() - stoppedAt).toBeLessThan(110_000);
    expect(session.state()).toMatchObject({ state: 'retrying', error: { code: 'LINK_LOST' } });
    sshd.signalAll('SIGCONT');
    await session.ready(60_000);
    expect(await session.run({ argv: ['echo', 'back'], privileged: false })).toMatchObject({
      stdout: 'back\n',
    });
  });

  test('when a server is killed and started again, reconnects', async () => {
    const session = open();
    await session.ready(60_000);
    const running = session.run({ argv: ['sleep', '600'], privileged: false });
    sshd.signalAll('SIGKILL');
    await expect(running).rejects.toMatchObject({ code: 'LINK_LOST' });
    expect(session.state().state).toBe('retrying');
    await sshd.start();
    await session.ready(60_000);
  });

  test('when forty sessions start, at most sixteen handshakes run at once', async () => {
    const real = createSsh2Transport({ agentPath: null });
    let now = 0;
    let most = 0;
    const counting: SshTransport = {
      async connect(request) {
        now += 1;
        most = Math.max(most, now);
        try {
          return await real.connect(request);
        } finally {
          now -= 1;
        }
      },
    };
    const handshakes = createHandshakes();
    const forty = Array.from({ length: 40 }, () => open({ transport: counting, handshakes }));
    await Promise.all(forty.map((session) => session.ready(60_000)));
    expect(most).toBe(maxHandshakes);
    expect(handshakes.inUse()).toBe(0);
  });
});

describe.skipIf(!existsSync('/usr/bin/sudo'))('sudo', () => {
  const user = `spsudo${process.pid % 100_000}`;
  const password = randomBytes(12).toString('base64url');
  const rules = `/etc/sudoers.d/${user}`;
  const mayDo = (rule: string) => writeFileSync(rules, `${user} ALL=(ALL) ${rule}\n`, { mode: 0o440 });

  beforeAll(() => {
    execFileSync('useradd', ['-m', '-s', '/bin/sh', user]);
    execFileSync('chpasswd', { input: `${user}:${password}\n` });
  });

  afterAll(() => {
    rmSync(rules, { force: true });
    execFileSync('userdel', ['-r', '-f', user], { stdio: 'ignore' });
  });

  test('without a password, runs as root, reports refusals, and 127 for a missing command', async () => {
    mayDo('NOPASSWD: /usr/bin/id, /usr/bin/env');
    const session = open({ target: target(user), sudo: 'nopasswd' });
    await session.ready(60_000);
    expect(await session.run({ argv: ['id', '-u'], privileged: true })).toMatchObject({ stdout: '0\n' });
    expect(await session.run({ argv: ['id', '-un'], privileged: false })).toMatchObject({
      stdout: `${user}\n`,
    });
    await expect(session.run({ argv: ['whoami'], privileged: true })).rejects.toMatchObject({
      code: 'SUDO_REFUSED',
      detail: { words: 'sudo: a password is required' },
    });
    mayDo('NOPASSWD: ALL');
    expect(await session.run({ argv: ['no-such-command'], privileged: true })).toMatchObject({
      exitCode: 127,
    });
    expect(
      await session.run({ argv: ['sh', '-c', 'echo "sudo: not me" >&2; exit 3'], privileged: true }),
    ).toMatchObject({ exitCode: 3, stderr: 'sudo: not me\n' });
  });

  test('with a password, asks once, again if it is wrong; the command gets only its own stdin', async () => {
    mayDo('ALL');
    const asked: boolean[] = [];
    const session = open({
      target: target(user),
      sudo: 'password',
      askSecret: ({ kind, refused }) => {
        expect(kind).toBe('sudo-password');
        asked.push(refused);
        return Promise.resolve([refused ? password : 'wrong']);
      },
    });
    await session.ready(60_000);
    const results = await Promise.all([
      session.run({
        argv: ['sh', '-c', 'id -u; cat; echo careful >&2'],
        privileged: true,
        stdin: 'for the command',
      }),
      session.run({ argv: ['id', '-u'], privileged: true }),
    ]);
    expect(results).toEqual([
      { exitCode: 0, signal: null, stdout: '0\nfor the command', stderr: 'careful\n' },
      { exitCode: 0, signal: null, stdout: '0\n', stderr: '' },
    ]);
    expect(asked).toEqual([false, true]);
    const log = join(folder, 'log');
    writeFileSync(log, 'a line\n', { mode: 0o600 });
    const stream = await session.stream({ argv: ['tail', '-n', '1', '-F', '--', log], privileged: true });
    stream.stderr.resume();
    const line = await new Promise((resolve) => stream.stdout.once('data', resolve));
    expect(String(line)).toBe('a line\n');
    stream.kill();
    await stream.exited;
  });

  test('when sudo does not ask for the password, no command gets it', async () => {
    mayDo('NOPASSWD: ALL');
    const session = open({
      target: target(user),
      sudo: 'password',
      askSecret: () => Promise.resolve([password]),
    });
    await session.ready(60_000);
    expect(await session.run({ argv: ['cat'], privileged: true, stdin: 'mine' })).toMatchObject({
      stdout: 'mine',
    });
  });

  test('when sudo does not know the user, says so and does not ask again', async () => {
    rmSync(rules, { force: true });
    let asked = 0;
    const session = open({
      target: target(user),
      sudo: 'password',
      askSecret: () => {
        asked += 1;
        return Promise.resolve([password]);
      },
    });
    await session.ready(60_000);
    const refusal = { code: 'SUDO_REFUSED', detail: { words: expect.stringContaining('may not run sudo') } };
    await expect(session.run({ argv: ['id'], privileged: true })).rejects.toMatchObject(refusal);
    const askedFirst = asked;
    await expect(session.run({ argv: ['id'], privileged: true })).rejects.toMatchObject({
      code: 'SUDO_REFUSED',
    });
    expect(asked).toBe(askedFirst);
  });
});
