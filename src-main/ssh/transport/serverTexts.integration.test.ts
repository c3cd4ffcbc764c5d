import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection } from 'ssh2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectOrThrow, expectRefusal, readOutput, rootAt } from '../../../test-support/connectAttempt.ts';
import { waitFor } from '../../../test-support/waitFor.ts';
import { portOf, startSsh2Server } from '../../../test-support/ssh2Server.ts';
import { makeKey, startPlainSshd, type PlainSshd } from '../../../test-support/plainSshd.ts';
import { openSession } from '../../../test-support/openedSession.ts';

let folder: string;
let key: ReturnType<typeof makeKey>;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'said-'));
  key = makeKey(folder, 'right');
});
afterAll(() => rmSync(folder, { recursive: true }));

const user = `spsaid${process.pid % 100_000}`;

describe('an account that PAM refuses', () => {
  let sshd: PlainSshd;
  let jump: PlainSshd;
  beforeAll(async () => {
    execFileSync('useradd', ['-m', '-s', '/bin/sh', user]);
    execFileSync('chpasswd', { input: `${user}:${randomBytes(9).toString('base64url')}\n` });
    const banner = join(folder, 'banner');
    writeFileSync(banner, 'Plant network.\n\u001b[31mOnly for “staff”.\n');
    sshd = await startPlainSshd({
      configuration: ['UsePAM yes', `Banner ${banner}`],
      authorizedKeys: [key.publicKey],
    });
    jump = await startPlainSshd({ authorizedKeys: [key.publicKey] });
  });
  afterAll(async () => {
    await sshd.stop();
    await jump.stop();
    execFileSync('userdel', ['-r', '-f', user], { stdio: 'ignore' });
  });
  const target = () => ({ ...rootAt(sshd.port, { keyFile: key.path }), user });

  test('when the account is good, the banner is a step of the login', async () => {
    const { connection, steps } = await connectOrThrow({ target: target() });
    expect(await readOutput(connection, 'id -un')).toBe(`${user}\n`);
    connection.close();
    expect(steps.map(({ method, outcome, detail }) => [method, outcome, detail])).toEqual([
      ['message', 'received', 'Plant network. ␛[31mOnly for “staff”.'],
      ['key-file', 'accepted', expect.stringContaining(key.fingerprint)],
    ]);
  });

  test('when the key is wrong, the error quotes the banner', async () => {
    const wrong = makeKey(folder, 'wrong');
    const { error } = await expectRefusal({
      target: { ...target(), ...rootAt(sshd.port, { keyFile: wrong.path }), user },
    });
    expect(error.code).toBe('AUTHENTICATION_FAILED');
    expect(error.message).toContain('The server said: “Plant network. ␛[31mOnly for ’staff’.”.');
  });

  test.each([
    ['direct', () => []],
    ['behind a jump host', () => [rootAt(jump.port, { keyFile: key.path })]],
  ])('when it has expired, rejects with AUTHENTICATION_FAILED and the sentence: %s', async (_way, jumps) => {
    execFileSync('chage', ['-E', '1', user]);
    try {
      const { error } = await expectRefusal({ target: target(), jumps: jumps() });
      expect(error.code).toBe('AUTHENTICATION_FAILED');
      expect(error.message).toContain('(accepted, then the server closed the connection)');
      expect(error.message).toMatch(/Your account has expired/u);
      expect(error.detail).toMatchObject({ hop: `${user}@127.0.0.1:${sshd.port}` });
    } finally {
      execFileSync('chage', ['-E', '-1', user]);
    }
  });
});

describe('an account that may log in but run no command', () => {
  const account = `spcmd${process.pid % 100_000}`;
  let sshd: PlainSshd;
  beforeAll(async () => {
    execFileSync('useradd', ['-m', '-s', '/bin/sh', account]);
    execFileSync('chpasswd', { input: `${account}:${randomBytes(9).toString('base64url')}\n` });
    sshd = await startPlainSshd({
      configuration: ['UsePAM yes'],
      matches: [`Match User daemon\n  ForceCommand internal-sftp`],
      authorizedKeys: [key.publicKey],
    });
  });
  afterAll(async () => {
    await sshd.stop();
    execFileSync('userdel', ['-r', '-f', account], { stdio: 'ignore' });
  });

  test.each<[what: string, name: string, prepare: () => void, words: string]>([
    [
      'whose password must be changed',
      account,
      () => execFileSync('chage', ['-d', '0', account]),
      'its password has expired and must be changed at a terminal',
    ],
    [
      'with nologin as its shell',
      account,
      () => {
        execFileSync('chage', ['-d', '-1', account]);
        execFileSync('usermod', ['-s', '/usr/sbin/nologin', account]);
      },
      'its shell allows no log-in. The server said: “This account is currently not available.”.',
    ],
    ['with SFTP only', 'daemon', () => undefined, 'its SSH server allows only SFTP'],
  ])('%s stops the link with AUTHENTICATION_FAILED', async (_what, name, prepare, words) => {
    prepare();
    const session = await openSession({ ...rootAt(sshd.port, { keyFile: key.path }), user: name });
    const refusal = { code: 'AUTHENTICATION_FAILED', message: expect.stringContaining(words) };
    await expect(session.run({ argv: ['id'], privileged: false })).rejects.toMatchObject(refusal);
    await waitFor('the link to stop', () => session.state().state === 'stopped');
    expect(session.state()).toMatchObject({ error: refusal });
    session.release();
  });
});

describe('a server that speaks outside the expected message', () => {
  test.each<[what: string, text: string, said: string]>([
    ['too many connections', 'Exceeded MaxStartups\r\n', 'Exceeded MaxStartups'],
    ['a penalty', 'Not allowed at this time\r\n', 'Not allowed at this time'],
    ['HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'HTTP/1.1 400 Bad Request'],
    ['control characters', '\u001b]0;x\u0007no\r\n', '␛]0;x␇no'],
    ['much text', 'x'.repeat(9_000), `${'x'.repeat(511)}…`],
  ])(
    'when it sends %s instead of SSH, rejects with CONNECT_FAILED and quotes it',
    async (_what, text, said) => {
      const server: Server = createServer((socket) => {
        socket.on('error', () => undefined);
        socket.resume();
        socket.end(text);
      });
      await new Promise<void>((resolve) => {
        server.listen(0, '127.0.0.1', resolve);
      });
      const { error } = await expectRefusal({ target: rootAt(portOf(server), { keyFile: key.path }) });
      server.close();
      expect(error.code).toBe('CONNECT_FAILED');
      expect(error.message).toContain(`The server said: “${said}”.`);
    },
  );

  test('when a banner says that the computer is starting, the login is tried again later', async () => {
    const banner = 'System is booting up. Unprivileged users are not permitted to log in yet.';
    const server = await startSsh2Server({ banner }, (client) =>
      client.on('authentication', (attempt) =>
        attempt.method === 'none' ? attempt.reject(['publickey']) : client.end(),
      ),
    );
    const { error } = await expectRefusal({ target: rootAt(server.port, { keyFile: key.path }) });
    server.stop();
    expect(error).toMatchObject({ code: 'CONNECT_FAILED', retryable: true });
    expect(error.message).toContain(banner);
  });

  test('when keyboard-interactive has instructions without a question, only the steps quote them', async () => {
    const server = await startSsh2Server({}, (client) =>
      client.on('authentication', (attempt) => {
        if (attempt.method !== 'keyboard-interactive') attempt.reject(['keyboard-interactive']);
        else attempt.prompt([], '', 'Open https://id.example/4711 until 9:00.', () => attempt.reject());
      }),
    );
    const { error, steps } = await expectRefusal({
      target: rootAt(server.port, { keyboardInteractive: true }),
    });
    server.stop();
    expect(error.code).toBe('AUTHENTICATION_FAILED');
    expect(error.message).toContain('Its instructions are in the steps of the login.');
    // They may hold a one-time code, and errors go into the log and the audit.
    expect(JSON.stringify(error.toData())).not.toContain('4711');
    expect(steps.map(({ detail }) => detail)).toContain('Open https://id.example/4711 until 9:00.');
  });

  test('when it ends an idle connection with a reason, the link says it', async () => {
    const clients: Connection[] = [];
    const server = await startSsh2Server({}, (client) => {
      clients.push(client);
      client.on('authentication', (attempt) => attempt.accept());
    });
    const { connection } = await connectOrThrow({ target: rootAt(server.port, { keyFile: key.path }) });
    const protocol: unknown = Reflect.get(clients[0] ?? {}, '_protocol');
    Reflect.get(Object(protocol), 'disconnect').call(protocol, 12);
    const ended = await connection.closed;
    server.stop();
    expect(ended).toMatchObject({
      code: 'LINK_LOST',
      message: expect.stringMatching(/the server said “.+”/u),
    });
  });
});
