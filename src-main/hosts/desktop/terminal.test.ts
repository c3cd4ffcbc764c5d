import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { anInput } from '../../../test-support/anEntry.ts';
import { createTerminalOpener } from './terminal.ts';

let folder = '';
let programs = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-terminals-'));
  programs = join(folder, 'bin');
  mkdirSync(programs);
  vi.stubEnv('TMPDIR', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** Adds a program to the PATH of the test. */
function addProgram(name: string, script: string): void {
  writeFileSync(join(programs, name), `#!/bin/sh\nPATH="$PATH:/usr/bin:/bin"\n${script}\n`);
  chmodSync(join(programs, name), 0o700);
}

/** Adds a program that writes its name and its arguments to a file. Then it runs `then`, or exits. */
function addRecorder(name: string, then = ''): void {
  const file = join(folder, 'argv');
  addProgram(name, `printf '%s\\0' ${name} "$@" > '${file}.new' && mv '${file}.new' '${file}'\n${then}`);
}

async function recordedArgv(): Promise<string[]> {
  const file = join(folder, 'argv');
  await expect.poll(() => existsSync(file)).toBe(true);
  return readFileSync(file, 'utf8').split('\0').slice(0, -1);
}

const opener = (platform: NodeJS.Platform = 'linux') =>
  createTerminalOpener({
    platform,
    env: { PATH: `${programs}:/usr/bin-not-there:relative`, TMPDIR: folder },
  });

const base = anInput('kiln');
const hostileKey = `~/.ssh/my "key" '; touch pwned; $(touch pwned) \\'\`touch pwned\``;
const entry = {
  target: {
    ...base.target,
    port: 2222,
    user: String.raw`corp\ada`,
    authentication: { ...base.target.authentication, keyFile: hostileKey },
  },
  jumps: [{ ...base.target, host: '::1', user: 'ops' }],
};
const sshArguments = ['-p', '2222', '-i', hostileKey, '-J', 'ops@[::1]', String.raw`corp\ada@kiln`];

test.each([
  { found: ['xterm', 'x-terminal-emulator', 'konsole'], used: ['x-terminal-emulator', '-e'] },
  { found: ['xterm', 'gnome-terminal'], used: ['gnome-terminal', '--'] },
  { found: ['xfce4-terminal', 'konsole'], used: ['konsole', '-e'] },
  { found: ['xterm', 'xfce4-terminal'], used: ['xfce4-terminal', '-x'] },
  { found: ['xterm'], used: ['xterm', '-e'] },
])('when PATH has $found, $used gets every argument of ssh unchanged', async ({ found, used }) => {
  for (const name of found) addRecorder(name);
  await opener()?.(entry);
  expect(await recordedArgv()).toEqual([...used, 'ssh', ...sshArguments]);
});

test('when the terminal keeps running, counts it as opened and does not stop it', async () => {
  addRecorder('xterm', `while [ ! -e '${folder}/close' ]; do sleep 0.05; done; : > '${folder}/closed'`);
  await opener()?.(entry);
  expect(existsSync(join(folder, 'closed'))).toBe(false);
  writeFileSync(join(folder, 'close'), '');
  await expect.poll(() => existsSync(join(folder, 'closed')), { timeout: 10_000 }).toBe(true);
});

test.each([
  { when: 'ends with an error', script: 'exit 3', message: 'xterm ended with exit code 3.' },
  { when: 'is ended by a signal', script: 'kill -9 $$', message: 'xterm was ended by SIGKILL.' },
])('when the terminal $when at once, rejects with TERMINAL_FAILED', async ({ script, message }) => {
  addProgram('xterm', script);
  await expect(opener()?.(entry)).rejects.toMatchObject({ code: 'TERMINAL_FAILED', message });
});

test('when the terminal was removed after the start, rejects with TERMINAL_FAILED', async () => {
  addRecorder('xterm');
  const open = opener();
  rmSync(join(programs, 'xterm'));
  await expect(open?.(entry)).rejects.toMatchObject({
    code: 'TERMINAL_FAILED',
    message: 'xterm could not be started.',
  });
});

test('when no terminal is found or executable, or on Windows, offers none', () => {
  expect(opener()).toBeNull();
  writeFileSync(join(programs, 'xterm'), 'not executable', { mode: 0o600 });
  expect(opener()).toBeNull();
  addRecorder('xterm');
  expect(opener()).not.toBeNull();
  expect(opener('win32')).toBeNull();
  expect(opener('darwin')).toBeNull();
});

const option = '-oProxyCommand=touch pwned';
test.each([
  ['user', { ...entry, target: { ...entry.target, user: option } }],
  ['host', { ...entry, target: { ...entry.target, host: '-kiln' } }],
  ['user of a jump host', { ...entry, jumps: [{ ...base.target, user: option }] }],
  ['host of a jump host', { ...entry, jumps: [{ ...base.target, host: '-gate' }] }],
])('when the %s starts with a dash, rejects with INVALID_INPUT and starts nothing', async (_, hostile) => {
  addRecorder('xterm');
  await expect(opener()?.(hostile)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  expect(readdirSync(folder)).toEqual(['bin']);
});

/** Stands in for macOS's `open`, which runs a file in Terminal. */
const openOfMac = '[ "$1 $2" = "-a Terminal" ] && "$3"';

test('when macOS opens the script, ssh gets every argument unchanged and the script is gone', async () => {
  addProgram('open', openOfMac);
  addRecorder('ssh');
  await opener('darwin')?.(entry);
  const argv = await recordedArgv();
  expect(argv).toEqual(['ssh', ...sshArguments]);
  expect(readdirSync(folder).toSorted()).toEqual(['argv', 'bin']);
});

test('when macOS can’t open Terminal, rejects with TERMINAL_FAILED and deletes the script', async () => {
  addProgram('open', 'exit 1');
  await expect(opener('darwin')?.(entry)).rejects.toMatchObject({ code: 'TERMINAL_FAILED' });
  expect(readdirSync(folder)).toEqual(['bin']);
});
