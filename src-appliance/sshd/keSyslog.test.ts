import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, copyFile, mkdir, mkdtemp, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { signalUnlessEnded } from '../../src-shared/node/signalUnlessEnded.ts';
import { followScript } from '../../src-shared/model/syslog/followScript.ts';
import { waitFor } from '../../test-support/waitFor.ts';

const run = promisify(execFile);
const script = join(import.meta.dirname, 'ke_syslog.sh');
let folder: string;
let log: string;
let config: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ke-syslog-'));
  log = join(folder, 'syslog');
  config = join(folder, 'appliance.json');
  await writeFile(config, JSON.stringify({ hostname: 'syslog', syslog: log }));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const syslog = (...words: string[]) => run('sh', [script, config, ...words]);
const refused = (code: number, reason: string) => ({
  code,
  stdout: '',
  stderr: expect.stringMatching(new RegExp(`^ke_syslog: ${reason}[^\\n]*\\n$`, 'u')),
});

describe('ke_syslog reads the configured log', () => {
  test('the last lines, and not more than requested', async () => {
    await writeFile(log, 'one\ntwo\nthree\n');
    expect((await syslog('--lines', '2')).stdout).toBe('two\nthree\n');
    expect((await syslog('--lines', '0')).stdout).toBe('');
    expect((await syslog()).stdout).toBe('one\ntwo\nthree\n');
  });

  test('when the log was rotated, takes the missing lines from the rotated file', async () => {
    await writeFile(`${log}.1`, 'a\nb\nc\n');
    await writeFile(log, 'd\n');
    expect((await syslog('--lines', '3')).stdout).toBe('b\nc\nd\n');
    expect((await syslog('--lines', '1')).stdout).toBe('d\n');
  });

  test('when the configuration has several lines, the same file is read', async () => {
    await writeFile(config, JSON.stringify({ syslog: log }, null, 2));
    await writeFile(log, 'one\n');
    expect((await syslog()).stdout).toBe('one\n');
  });

  test('when it follows, continues after a rotation and ends when its reader ends', async () => {
    await writeFile(log, 'one\n');
    // Use a pipe like sshd. Node would create a socket.
    const reader = 'while read -r line; do echo "$line"; [ "$line" != three ] || exit 0; done';
    const line = `sh "$0" "$1" --follow --lines 1 | ${reader}`;
    const child = spawn('sh', ['-c', line, script, config], {
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    });
    try {
      const exited = once(child, 'exit');
      let text = '';
      child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
      await waitFor('the first line', async () => text === 'one\n');
      await rename(log, `${log}.1`);
      await writeFile(log, 'two\n');
      await waitFor('the line after the rotation', async () => text === 'one\ntwo\n');
      await appendFile(log, 'three\n');
      await waitFor('the next line', async () => text === 'one\ntwo\nthree\n');
      // The shell ends only when the reader and tail have ended. tail has ended although no further line was
      // logged.
      expect(await exited).toEqual([0, null]);
    } finally {
      if (child.exitCode === null && child.pid !== undefined) signalUnlessEnded(-child.pid, 'SIGKILL');
    }
  });
});

describe('ke_syslog accepts nothing else', () => {
  test.each([
    [['/etc/shadow']],
    [['--', '/etc/shadow']],
    [['--lines']],
    [['--lines', '']],
    [['--lines', '-1']],
    [['--lines', '+1']],
    [['--lines', '1;id']],
    [['--lines', '$(id)']],
    [['--lines', '100001']],
    [['--lines', '9'.repeat(40)]],
    [['--lines', '010']],
    [['--lines', '1', '--lines', '2']],
    [['--lines=5']],
    [['--follow', '--follow']],
    [['-f']],
    [['--pid=1']],
    [['--retry']],
    [['--json']],
    [['']],
  ])('rejects %j with INVALID_INPUT', async (words) => {
    await writeFile(log, 'one\n');
    await expect(syslog(...words)).rejects.toMatchObject(refused(2, 'INVALID_INPUT: usage: '));
  });

  test.each<[string, () => Promise<unknown>]>([
    ['is absent', async () => undefined],
    ['is a folder', () => mkdir(log)],
    ['is a link to another file', () => symlink('/etc/passwd', log)],
    ['is a pipe', () => run('mkfifo', [log])],
  ])('when the log %s, says so with exit code 1', async (_case, place) => {
    await place();
    for (const words of [[], ['--follow']])
      await expect(syslog(...words)).rejects.toMatchObject(
        refused(1, `COMMAND_FAILED: ${log} cannot be read: `),
      );
  });

  test('when the rotated file is a link, it is not read', async () => {
    await writeFile(log, 'one\n');
    await symlink('/etc/passwd', `${log}.1`);
    expect((await syslog()).stdout).toBe('one\n');
  });

  test.each([
    ['absent', null],
    ['without a log', '{}'],
    ['with a relative path', '{"syslog":"etc/passwd"}'],
    ['with two logs', '{"syslog":"/etc/passwd",\n"syslog":"/etc/group"}'],
  ])('when the configuration is %s, it fails', async (_case, text) => {
    if (text === null) await rm(config);
    else await writeFile(config, text);
    await expect(syslog()).rejects.toMatchObject({ code: 1, stdout: '' });
  });
});

const token = 'ab'.repeat(16);
/** Runs the command as it is installed, with its script beside it. */
async function files(...words: string[]) {
  await copyFile(script, join(folder, 'ke_syslog.sh'));
  await writeFile(join(folder, 'follow_syslog.sh'), followScript);
  return run('sh', [join(folder, 'ke_syslog.sh'), config, '--files', ...words]);
}

describe('ke_syslog --files', () => {
  test('lists the configured log and its rotated files', async () => {
    await writeFile(log, 'one\n');
    await writeFile(`${log}.1`, 'zero\n');
    const { stdout } = await files(token, 'survey');
    expect(stdout).toMatch(/^\n@(?:ab){16} hello 1 /u);
    expect(stdout).toMatch(/ file = \d+ \d+ 4 \d+ plain 6f 6e 65 0a\n/u);
    expect(stdout).toMatch(/ file =\.1 \d+ \d+ 5 /u);
  });

  test('refuses links, also those that replace a file', async () => {
    await symlink('/etc/passwd', log);
    await symlink('/etc/passwd', `${log}.1`);
    const { stdout } = await files(token, 'survey');
    expect(stdout).toMatch(/ bad = \d+ \d+ refused /u);
    expect(stdout).toMatch(/ bad =\.1 \d+ \d+ refused /u);
    expect(stdout).not.toContain(' file ');
    const { dev, ino } = await stat('/etc/passwd');
    const read = await files(token, 'read', 'end', `${dev}`, `${ino}`, '0');
    expect(read.stdout).toContain(' gone ');
    expect(read.stdout).not.toContain('root:');
  });

  test.each([
    [[]],
    [[token]],
    [[token, '/etc/shadow']],
    [['$(id)', 'survey']],
    [[token, 'survey', '/etc/shadow']],
    [[token, 'read', 'end', '1', '2']],
    [[token, 'read', 'end', '1', '2', '-1']],
    [[token, 'read', 'end', '1', '/etc/shadow', '0']],
    [[token, 'read', 'end', '1', '2;id', '0']],
    [[token, 'read', 'end', '1', '*', '0']],
    [[token, 'read', '../x', '1', '2', '0']],
    [[token, 'read', 'end', '9'.repeat(40), '2', '0']],
    [[token, 'archive', '1', '2', '0']],
    [[token, 'archive', '1', '2', '3', '4', '$(id)']],
    [['--lines', '1']],
  ])('rejects %j with INVALID_INPUT', async (words) => {
    await writeFile(log, 'one\n');
    await expect(files(...words)).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('INVALID_INPUT'),
    });
  });
});
