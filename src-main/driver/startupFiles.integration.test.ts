import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rootAt } from '../../test-support/connectAttempt.ts';
import { makeKey, startPlainSshd, type PlainSshd } from '../../test-support/plainSshd.ts';
import { waitFor } from '../../test-support/waitFor.ts';
import type { Session } from '../ssh/types.ts';
import { createDriver, type Driver } from './driver.ts';
import { openSession } from '../../test-support/openedSession.ts';

const user = `sprc${process.pid % 100_000}`;
let folder: string;
let log: string;
let sshd: PlainSshd;
let session: Session;
let driver: Driver;

/** Writes the start-up file that bash reads for each command of sshd. */
const writeStartupFile = (text: string) => writeFileSync(join(folder, 'home', '.bashrc'), text);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'startup-'));
  execFileSync('chmod', ['755', folder]);
  execFileSync('useradd', ['-m', '-d', join(folder, 'home'), '-s', '/bin/bash', user]);
  const key = makeKey(folder, 'right');
  execFileSync('usermod', ['-p', '*', user]);
  log = join(folder, 'log');
  writeFileSync(log, 'one\ntwo\n');
  sshd = await startPlainSshd({
    configuration: [`SetEnv HOME=${join(folder, 'home')}`],
    authorizedKeys: [key.publicKey],
  });
  session = await openSession({ ...rootAt(sshd.port, { keyFile: key.path }), user });
  driver = createDriver(session, { sudo: 'none' });
});

afterAll(async () => {
  session.release();
  await sshd.stop();
  execFileSync('userdel', ['-r', '-f', user], { stdio: 'ignore' });
  rmSync(folder, { recursive: true, force: true });
});

test('when .bashrc prints a greeting, the log has only its own lines and the state quotes the greeting', async () => {
  writeStartupFile('echo "Welcome to kiln-01"; echo noise >&2\n');
  expect(await driver.readSyslog({ path: log })).toBe('one\ntwo\n');
  expect(session.state()).toMatchObject({ notes: { startupText: 'Welcome to kiln-01' } });
  const tail = await driver.syslogTail({ path: log, lines: 1 });
  let text = '';
  tail.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  tail.stderr.resume();
  await waitFor('the last line', () => text === 'two\n');
  appendFileSync(log, 'three\n');
  await waitFor('the new line', () => text === 'two\nthree\n');
  tail.kill();
  await tail.exited;
});

test('when .bashrc prints a greeting, SFTP fails and says why', async () => {
  writeStartupFile('echo "Welcome to kiln-01"\n');
  await expect(session.files((files) => files.realPath('.'))).rejects.toMatchObject({
    code: 'UPLOAD_FAILED',
    message: expect.stringContaining('a start-up file of the login shell'),
  });
});

test.each(['exit 0', 'exit 3', 'set -e; false'])('when .bashrc has %s, nothing is read', async (text) => {
  writeStartupFile(`${text}\n`);
  await expect(driver.remoteNetworks('acme')).rejects.toMatchObject({
    code: 'COMMAND_FAILED',
    message: expect.stringContaining('did not run: a start-up file of the login shell'),
  });
  for (const read of [driver.readSyslog, driver.syslogTail])
    await expect(read({ path: log, lines: 1 })).rejects.toMatchObject({
      code: 'LOG_UNREADABLE',
      message: expect.stringContaining('a start-up file of the login shell, such as .bashrc, ends the shell'),
    });
  writeStartupFile('');
  expect(await driver.readSyslog({ path: log })).toContain('one\n');
  expect(session.state()).toMatchObject({ notes: { startupText: null } });
});
