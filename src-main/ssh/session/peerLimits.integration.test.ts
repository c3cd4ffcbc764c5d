import { spawn, execFileSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, appendFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canConnect } from '../../../test-support/canConnect.ts';
import { rootAt } from '../../../test-support/connectAttempt.ts';
import { makeKey, startPlainSshd, type PlainSshd } from '../../../test-support/plainSshd.ts';
import { waitFor } from '../../../test-support/waitFor.ts';
import type { RemoteProcess, Session } from '../types.ts';
import { openSession } from '../../../test-support/openedSession.ts';

let folder: string;
let key: ReturnType<typeof makeKey>;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'limits-'));
  key = makeKey(folder, 'right');
});
afterAll(() => rmSync(folder, { recursive: true }));

const connect = (port: number) => openSession(rootAt(port, { keyFile: key.path }));

/** Follows a file and collects its lines. */
function follow(process: RemoteProcess) {
  let text = '';
  let hasEnded = false;
  process.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  process.stderr.resume();
  void process.exited.then(() => (hasEnded = true));
  return { text: () => text, hasEnded: () => hasEnded };
}

describe.each([1, 2])('an sshd with MaxSessions %d', (maxSessions) => {
  let sshd: PlainSshd;
  let session: Session;
  beforeAll(async () => {
    sshd = await startPlainSshd({
      configuration: [`MaxSessions ${maxSessions}`],
      authorizedKeys: [key.publicKey],
    });
    session = await connect(sshd.port);
  });
  afterAll(async () => {
    session.release();
    await sshd.stop();
  });
  const echo = (word: string) => session.run({ argv: ['echo', word], privileged: false });
  const knownLimit = () => {
    const state = session.state();
    return state.state === 'connected' ? (state.notes?.maxSessions ?? null) : 'not connected';
  };

  test('while a log is followed, runs commands and SFTP, and the log can be followed again', async () => {
    const log = join(folder, `log-${maxSessions}`);
    writeFileSync(log, 'first\n');
    const tail = () => session.stream({ argv: ['tail', '-n', '5', '-F', log], privileged: false });
    const first = follow(await tail());
    await waitFor('the first line', () => first.text() === 'first\n');
    const results = await Promise.all(['a', 'b', 'c', 'd'].map(echo));
    expect(results.map(({ stdout }) => stdout)).toEqual(['a\n', 'b\n', 'c\n', 'd\n']);
    const uploaded = join(folder, `up-${maxSessions}`);
    const shown = await session.files(async (files) => {
      await files.create(uploaded, Buffer.from('text'));
      const { stdout } = await session.run({ argv: ['cat', uploaded], privileged: false });
      await files.remove(uploaded);
      return stdout;
    });
    expect(shown).toBe('text');
    expect(first.hasEnded()).toBe(maxSessions === 1);
    const second = first.hasEnded() ? follow(await tail()) : first;
    appendFileSync(log, 'second\n');
    await waitFor('the second line', () => second.text().endsWith('second\n'));
    expect((await echo('last')).stdout).toBe('last\n');
    expect(maxSessions === 1 ? [1] : [2, null]).toContain(knownLimit());
  });
});

test.each([
  [
    ['KexAlgorithms sntrup761x25519-sha512@openssh.com'],
    'key exchange',
    'sntrup761x25519-sha512@openssh.com',
    'curve25519-sha256',
  ],
  [['HostKeyAlgorithms ssh-rsa'], 'host key', 'ssh-rsa', 'ssh-ed25519'],
  [['Ciphers aes256-cbc,3des-cbc'], 'cipher', 'aes256-cbc, 3des-cbc', 'aes128-gcm@openssh.com'],
  [['Ciphers aes256-ctr', 'MACs umac-64@openssh.com'], 'MAC', 'umac-64@openssh.com', 'hmac-sha2-256'],
])('an sshd with %j stops the link, and both lists are named', async (configuration, name, theirs, ours) => {
  const sshd = await startPlainSshd({
    configuration,
    hostKeyTypes: ['rsa'],
    authorizedKeys: [key.publicKey],
  });
  await expect(connect(sshd.port)).rejects.toMatchObject({
    code: 'ALGORITHMS_REFUSED',
    retryable: false,
    message: expect.stringMatching(
      new RegExp(
        `offers no secure ${name} algorithm.*it offers ${theirs}; the console offers .*${ours}`,
        'u',
      ),
    ),
  });
  await sshd.stop();
});

describe('Dropbear', () => {
  let server: ChildProcess;
  const port = 22_322;
  beforeAll(async () => {
    const hostKey = join(folder, 'dropbear_host');
    execFileSync('dropbearkey', ['-t', 'ed25519', '-f', hostKey], { stdio: 'ignore' });
    // Dropbear reads the keys of root's home folder only.
    const script = [
      'mount -t tmpfs -o mode=700 tmpfs "$HOME" && mkdir -m 700 "$HOME/.ssh" && cat >"$HOME/.ssh/authorized_keys"',
      'chmod 600 "$HOME/.ssh/authorized_keys"',
      `exec dropbear -F -E -s -r ${hostKey} -p 127.0.0.1:${port} -P ${join(folder, 'pid')}`,
    ].join(' && ');
    server = spawn('unshare', ['-m', 'sh', '-c', script], {
      env: { ...process.env, HOME: '/root' },
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    server.stdin?.end(key.publicKey);
    await waitFor('dropbear to listen', () => canConnect('127.0.0.1', port));
  });
  afterAll(async () => {
    const ended = once(server, 'exit');
    server.kill();
    await ended;
  });

  test('when it refuses a command just after a channel closed, asks again', async () => {
    const session = await connect(port);
    for (let round = 0; round < 8; round += 1) {
      await session.files((files) => files.realPath('.'));
      expect((await session.run({ argv: ['echo', 'ran'], privileged: false })).stdout).toBe('ran\n');
    }
    session.release();
  });
});
