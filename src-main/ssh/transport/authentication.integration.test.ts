import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signalUnlessEnded } from '../../../src-shared/node/signalUnlessEnded.ts';
import { connectOrThrow, readOutput, expectRefusal, rootAt } from '../../../test-support/connectAttempt.ts';
import { makeKey, startPlainSshd, type PlainSshd } from '../../../test-support/plainSshd.ts';
import type { Authentication, SshTarget } from '../../../src-shared/model/appliance/applianceEntry.ts';

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

/** Starts an agent with these keys. The caller ends it. */
function startAgent(paths: readonly string[]): { socket: string; stop: () => void } {
  const socket = join(mkdtempSync(join(folder, 'agent-')), 'socket');
  const started = execFileSync('ssh-agent', ['-a', socket]).toString();
  const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(started)?.[1]);
  const environment = { ...process.env, SSH_AUTH_SOCK: socket };
  for (const path of paths) execFileSync('ssh-add', ['-q', path], { env: environment, stdio: 'ignore' });
  return { socket, stop: () => signalUnlessEnded(pid, 'SIGTERM') };
}

describe('authentication', () => {
  test('when the key is wrong, rejects with what was tried', async () => {
    const wrong = makeKey(folder, 'wrong');
    const { error, steps } = await expectRefusal({ target: target({ keyFile: wrong.path, password: true }) });
    expect(error.code).toBe('AUTHENTICATION_FAILED');
    expect(error.message).toContain(`key file ${wrong.path} ED25519 ${wrong.fingerprint} (refused)`);
    expect(error.message).toContain('password not allowed by the server');
    expect(steps.map(({ method, outcome }) => [method, outcome])).toEqual([
      ['key-file', 'refused'],
      ['password', 'skipped'],
    ]);
  });

  test('when the key is encrypted, asks again after a wrong passphrase, and never shows it', async () => {
    const passphrase = `p-${randomBytes(8).toString('hex')}`;
    const locked = makeKey(folder, 'locked', { passphrase });
    sshd.authorize(locked.publicKey);
    const asked: boolean[] = [];
    const { connection, steps } = await connectOrThrow({
      target: target({ keyFile: locked.path }),
      askSecret: ({ kind, refused: again }) => {
        expect(kind).toBe('key-passphrase');
        asked.push(again);
        return Promise.resolve([again ? passphrase : 'something else']);
      },
    });
    expect(asked).toEqual([false, true]);
    expect(await readOutput(connection, 'id -un')).toBe('root\n');
    expect(JSON.stringify(steps)).not.toContain(passphrase);
    const { error } = await expectRefusal({
      target: target({ keyFile: locked.path }),
      askSecret: () => Promise.resolve(['never right']),
    });
    expect(error.code).toBe('KEY_UNREADABLE');
    expect(JSON.stringify(error.toData())).not.toContain('never right');
    expect((await expectRefusal({ target: target({ keyFile: locked.path }) })).error.code).toBe(
      'SECRET_NEEDED',
    );
  });

  test.each([
    ['missing', (path: string) => path, 'there is no such file'],
    [
      'rubbish',
      (path: string) => (writeFileSync(path, randomBytes(900)), path),
      'private key in a supported format',
    ],
    ['public', (path: string) => (writeFileSync(path, key.publicKey), path), 'it is a public key'],
    ['large', (path: string) => (writeFileSync(path, randomBytes(70_000)), path), 'too large'],
    ['a folder', () => folder, 'it is not a file'],
  ])('when the key file is %s, says so', async (name, prepare, words) => {
    const { error, steps } = await expectRefusal({
      target: target({ keyFile: prepare(join(folder, `bad-${name}`)) }),
    });
    expect(error.code).toBe('KEY_UNREADABLE');
    expect(error.message).toContain(words);
    expect(steps.map(({ outcome }) => outcome)).toEqual(['skipped']);
  });

  test('with the agent, tries its keys in order, reports unusable ones, and logs in', async () => {
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

      const { connection, steps } = await connectOrThrow(
        { target: target({ agent: true }) },
        { agentPath: socket },
      );
      expect(await readOutput(connection, 'id -un')).toBe('root\n');
      const shown = steps.map(({ method, outcome, detail }) => `${method} ${outcome} ${detail}`);
      expect(shown).toEqual([
        `agent refused ED25519 ${stranger.fingerprint} from the agent`,
        `agent refused ED25519 ${certified.fingerprint} from the agent`,
        expect.stringMatching(/^agent skipped .*certificates are not supported by this driver$/),
        `agent accepted ED25519 ${key.fingerprint} from the agent`,
      ]);
    } finally {
      signalUnlessEnded(pid, 'SIGTERM');
    }
    const { error } = await expectRefusal({ target: target({ agent: true }) }, { agentPath: socket });
    expect(error.message).toContain(`no agent answers at ${socket}`);
  });

  test.each([
    ['the agent holds the named key', 1, true, ''],
    ['only the file has the named key', 1, false, ''],
    ['the named key is encrypted and the agent holds it', 1, true, 'secret'],
    ['the named key is encrypted and asked for', 3, false, 'secret'],
  ])(
    'when few attempts are allowed and %s, tries it in time',
    async (_what, maxTries, isHeld, passphrase) => {
      const strict = await startPlainSshd({ configuration: [`MaxAuthTries ${maxTries}`] });
      const name = (each: string) => `${each}-${maxTries}-${isHeld}-${passphrase}`;
      const others = [1, 2, 3, 4, 5].map((index) => makeKey(folder, name(`other${index}`)).path);
      const named = makeKey(folder, name('named'));
      const agent = startAgent([...others, ...(isHeld ? [named.path] : [])]);
      try {
        execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', passphrase, '-f', named.path]);
        strict.authorize(named.publicKey);
        const request = {
          target: target({ agent: true, keyFile: named.path }, strict.port),
          askSecret: () => Promise.resolve([passphrase]),
        };
        const { connection, steps } = await connectOrThrow(request, { agentPath: agent.socket });
        connection.close();
        expect(steps.at(-1)).toMatchObject({
          outcome: 'accepted',
          detail: expect.stringContaining(named.fingerprint),
        });
        expect(steps.length).toBe(isHeld || passphrase === '' ? 1 : 3);
      } finally {
        agent.stop();
        await strict.stop();
      }
    },
  );

  test('when the passphrase of the named key is not entered, still tries the other keys of the agent', async () => {
    const sealed = makeKey(folder, 'sealed', { passphrase: 'secret' });
    const others = [1, 2].map((index) => makeKey(folder, `stranger-${index}`).path);
    const agent = startAgent([...others, key.path]);
    try {
      const request = { target: target({ agent: true, keyFile: sealed.path }) };
      const { connection, steps } = await connectOrThrow(request, { agentPath: agent.socket });
      connection.close();
      expect(steps.at(-1)).toMatchObject({
        outcome: 'accepted',
        detail: expect.stringContaining(key.fingerprint),
      });
    } finally {
      agent.stop();
    }
  });

  test('when a server disconnects after too many refusals, rejects as a refused login', async () => {
    const strict = await startPlainSshd({ configuration: ['MaxAuthTries 1'] });
    try {
      const { error } = await expectRefusal({ target: target({ keyFile: key.path }, strict.port) });
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

  test('password: asks again after a wrong one', async () => {
    const asked: boolean[] = [];
    const { connection, steps } = await connectOrThrow({
      target: account({ password: true }),
      askSecret: ({ refused: again }) => {
        asked.push(again);
        return Promise.resolve([again ? password : 'wrong']);
      },
    });
    expect(asked).toEqual([false, true]);
    expect(await readOutput(connection, 'id -un')).toBe(`${user}\n`);
    expect(steps.map(({ method, outcome }) => [method, outcome])).toEqual([
      ['password', 'refused'],
      ['password', 'accepted'],
    ]);
    expect(JSON.stringify(steps)).not.toContain(password);
  });

  test('keyboard-interactive: shows the server’s question', async () => {
    const labels: string[] = [];
    const { connection, steps } = await connectOrThrow({
      target: account({ keyboardInteractive: true }),
      askSecret: ({ kind, fields }) => {
        expect(kind).toBe('keyboard-interactive');
        labels.push(...fields.map(({ label, echo }) => `${label} ${echo}`));
        return Promise.resolve([password]);
      },
    });
    expect(labels).toEqual([expect.stringMatching(/password: false$/i)]);
    expect(await readOutput(connection, 'id -un')).toBe(`${user}\n`);
    expect(steps.map(({ method, outcome }) => [method, outcome])).toEqual([
      ['keyboard-interactive', 'accepted'],
    ]);
  });

  test('when no secret is entered, ends the login and says what is needed', async () => {
    const { error } = await expectRefusal({ target: account({ password: true }) });
    expect(error.code).toBe('SECRET_NEEDED');
  });
});
