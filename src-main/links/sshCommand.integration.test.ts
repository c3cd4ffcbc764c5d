import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { anInput } from '../../test-support/anEntry.ts';
import { startSsh2Server } from '../../test-support/ssh2Server.ts';
import { userSchema } from '../../src-shared/model/appliance/applianceEntry.ts';
import { sshCommandOf } from '../../src-shared/model/appliance/sshCommand.ts';

/** The server stands in for the appliance and for every jump host. */
let server: Awaited<ReturnType<typeof startSsh2Server>>;
let folder = '';
const users: string[] = [];

/** ssh without this computer's settings. By the name without a folder, ssh starts this program again for `-J`. */
const sshProgram = `#!/bin/bash
exec -a ssh /usr/bin/ssh -F none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o BatchMode=yes "$@"
`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-ssh-command-'));
  await writeFile(join(folder, 'ssh'), sshProgram);
  await chmod(join(folder, 'ssh'), 0o755);
  server = await startSsh2Server({}, (client) => {
    client.on('authentication', (attempt) => {
      users.push(attempt.username);
      attempt.accept();
    });
    client.on('tcpip', (accept, _reject, { destPort }) => {
      const channel = accept();
      const socket = connect(destPort, '127.0.0.1');
      channel.pipe(socket).pipe(channel);
      for (const stream of [channel, socket]) stream.on('error', () => socket.destroy());
    });
    client.on('session', (accept) => {
      accept().on('shell', (acceptShell) => {
        const shell = acceptShell();
        shell.write('reached\n');
        shell.exit(0);
        shell.end();
      });
    });
  });
});
afterAll(async () => {
  server.stop();
  await rm(folder, { recursive: true, force: true });
});

const hop = (user: string) => ({
  ...anInput('kiln').target,
  host: '127.0.0.1',
  port: server.port,
  user: userSchema.parse(user),
});

/** Runs the command in a shell, as after it was copied. Resolves with the users that the server saw, in order. */
async function usersOf(target: string, jumps: readonly string[]): Promise<string[]> {
  users.length = 0;
  const command = sshCommandOf({ target: hop(target), jumps: jumps.map(hop) });
  const env = { ...process.env, PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}`, SHELL: '/bin/sh' };
  const { stdout } = await promisify(execFile)('sh', ['-c', command], { env });
  expect(stdout).toBe('reached\n');
  return [...new Set(users)];
}

test.each([
  ['a plain user', 'ops'],
  ['a backslash', String.raw`CORP\ada`],
  ['several backslashes', String.raw`a\\b\$c`],
  ['a space', 'ada lovelace'],
  ['a variable', '$HOME'],
  ['a percent token', 'ada%h%%'],
  ['a comment sign', 'ada#root#10.0.0.1'],
  ['a tilde', '~ada'],
  ['patterns', '*?[a-z]^!='],
  ['another host', 'ada@corp.example'],
  ['letters of other languages', 'jürgen'],
])('when the users have %s, OpenSSH logs in to each host with the right user', async (_, user) => {
  const three = [`${user}1`, `${user}2`, `${user}3`];
  expect(await usersOf(`t${user}`, three)).toEqual([...three, `t${user}`]);
});

test('when there is one jump host, OpenSSH logs in to it with the right user', async () => {
  const user = String.raw`CORP\ada lovelace`;
  expect(await usersOf(user, ['ops'])).toEqual(['ops', user]);
  expect(await usersOf('ops', [user])).toEqual([user, 'ops']);
});
