import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { createLocalTransport } from '../../test-support/localTransport.ts';
import { waitFor } from '../../test-support/waitFor.ts';
import { createHandshakes } from '../ssh/handshakes.ts';
import { createSession } from '../ssh/session.ts';
import { isRunning } from './isRunning.ts';

async function connected(environment: NodeJS.ProcessEnv = process.env) {
  const session = createSession({
    transport: createLocalTransport({ environment }),
    target: {
      host: 'appliance.test',
      port: 22,
      user: 'root',
      authentication: { agent: false, keyFile: null, password: true, keyboardInteractive: false },
    },
    jumps: [],
    sudo: 'none',
    verifyHostKey: () => Promise.resolve(),
    askSecret: () => Promise.resolve(null),
    handshakes: createHandshakes(),
  });
  session.want();
  await session.ready(5000);
  return session;
}

const words = ['ke_manage_remote_networks', 'change', '33', 'a.b-c^d', '--json'];

test('finds a command by exactly its words, and never itself', async () => {
  const session = await connected();
  const other = spawn('sh', ['-c', 'read line', ...words.with(3, 'aXb-c^d')]);
  await waitFor('the other command', () => isRunning(session, words.with(3, 'aXb-c^d')).then(Boolean));
  expect(await isRunning(session, words)).toBe(false);
  const command = spawn('sh', ['-c', 'read line', ...words]);
  await waitFor('the command', () => isRunning(session, words).then(Boolean));
  for (const child of [command, other]) {
    child.stdin.end();
    await once(child, 'exit');
  }
  expect(await isRunning(session, words)).toBe(false);
  session.release();
});

test('says that it can not tell without pgrep, and rejects without a link', async () => {
  const session = await connected({ PATH: '/nowhere' });
  expect(await isRunning(session, words)).toBeNull();
  session.release();
  await expect(isRunning(session, words)).rejects.toMatchObject({ code: 'LINK_NOT_READY' });
});
