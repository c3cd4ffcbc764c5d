import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLocalTransport, localSession } from '../../test-support/localTransport.ts';
import { waitFor } from '../../test-support/waitFor.ts';
import { isRunning } from './isRunning.ts';

const words = ['ke_manage_remote_networks', 'change', '33', 'a.b-c^d', '--json'];

test('finds a command by exactly its arguments, and not itself', async () => {
  const session = await localSession(createLocalTransport());
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

test('without pgrep, says that it is unknown; rejects without a link', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'no-pgrep-'));
  symlinkSync('/bin/sh', join(folder, 'sh'));
  const session = await localSession(createLocalTransport({ environment: { PATH: folder } }));
  expect(await isRunning(session, words)).toBeNull();
  session.release();
  rmSync(folder, { recursive: true });
  await expect(isRunning(session, words)).rejects.toMatchObject({ code: 'LINK_NOT_READY' });
});
