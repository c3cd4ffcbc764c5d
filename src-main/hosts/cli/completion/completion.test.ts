import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { quoteArgv } from '../../../../src-shared/base/quoteArgv.ts';
import { openStore } from '../../../store/store.ts';
import { commandWords } from '../commandGroups.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../../../..');
const hostile = '$(touch "hacked") \'`;|&!~#*{a,b}';
const breaks = ' \t\n"\'@><=;|&(:';
let folder: string;
let env: NodeJS.ProcessEnv;
const dataOf = (home: string) => join(home, 'sallyport');

function fillStore(): void {
  const store = openStore({ folder: dataOf(folder) });
  const createdAt = '2026-01-01T00:00:00Z';
  for (const [id, name] of [
    ['1', 'berlin'],
    ['2', 'bonn east'],
    ['3', 'site:a'],
    ['4', 'site:b'],
    ['5', hostile],
    ['6', 'bell\u0007\u001b[31m'],
    ['7', 'two\nlines'],
    ['8', 'straße 漢字'],
    ['9', '#first'],
    ['10', '~root'],
  ] as const)
    store.run(store.query.insertInto('appliance').values({ id, name, createdAt, entryJson: '{}' }));
  for (const name of ['ops', hostile])
    store.run(
      store.query
        .insertInto('credential')
        .values({ id: name, name, userName: null, kind: 'password', createdAt, rotatedAt: null }),
    );
  const tenants = ['acme', 'apex', 'zeta', 'a\u001b]0;x'].map((clientId) => ({ clientId }));
  const values = { kind: 'remoteNetworks', observedAt: createdAt, valueJson: JSON.stringify({ tenants }) };
  store.run(store.query.insertInto('observation').values({ applianceId: '2', ...values }));
  store.close();
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-completion-'));
  await mkdir(join(folder, 'bin'));
  const program = ['--disable-warning=ExperimentalWarning', join(root, 'src-main/hosts/cli/cli.ts')];
  const script = `#!/bin/sh\nexec ${quoteArgv([process.execPath, ...program])} "$@"\n`;
  await writeFile(join(folder, 'bin/sallyport'), script, { mode: 0o755 });
  env = {
    PATH: `${join(folder, 'bin')}:/usr/bin:/bin`,
    XDG_DATA_HOME: folder,
    HOME: folder,
    LANG: 'C.UTF-8',
  };
  fillStore();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/**
 * Loads the script that the program prints into a real Bash and completes `line` at its end. Returns the words, and each as
 * Bash reads it when the command runs.
 */
async function completeInBash(line: string): Promise<{ offered: string[]; read: string[] }> {
  const script = `source <(sallyport completion bash)
COMP_LINE=$1 COMP_POINT=\${#1} COMP_WORDBREAKS=$2
_sallyport
for word in "\${COMPREPLY[@]}"; do
  eval "values=($word)"
  printf '%s\\0' "$word" "\${values[*]}"
done`;
  const { stdout } = await run('bash', ['--norc', '-c', script, 'bash', line, breaks], { env, cwd: folder });
  const printed = stdout.split('\0').slice(0, -1);
  return {
    offered: printed.filter((_, at) => at % 2 === 0),
    read: printed.filter((_, at) => at % 2 === 1),
  };
}

/** What the script of zsh or fish gets: the words before the cursor, and the one at it. */
async function ask(...words: string[]): Promise<string[]> {
  const { stdout, stderr } = await run('sallyport', ['complete', 'zsh', '--', ...words], {
    env,
    cwd: folder,
  });
  expect(stderr).toBe('');
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((text) => text.split('\t')[0] ?? '');
}

describe.concurrent('in a real Bash', () => {
  test('when the first word begins, all commands with these letters are offered', async () => {
    const { offered } = await completeInBash('sallyport s');
    expect(offered).toEqual(['status', 'syslog', 'support']);
    expect(commandWords).toEqual(expect.arrayContaining(offered));
  });

  test('when an appliance is wanted, its name is offered so that Bash reads exactly this name', async () => {
    const { read } = await completeInBash('sallyport tenant list ');
    expect(read).toEqual([
      '#first',
      hostile,
      'berlin',
      'bonn east',
      'site:a',
      'site:b',
      'straße 漢字',
      '~root',
    ]);
    expect(await readdir(folder)).not.toContain('hacked');
  });

  test.each(['credential rotate ', 'credential use ', 'appliance edit berlin --credential '])(
    'when a credential is wanted after %s, its name is offered',
    async (words) => {
      expect((await completeInBash(`sallyport ${words}`)).read).toEqual([hostile, 'ops']);
    },
  );

  test('when a name has a space, it continues after a backslash and in quotation marks', async () => {
    expect(await completeInBash('sallyport status bo')).toMatchObject({
      offered: [String.raw`bonn\ east`],
    });
    expect(await completeInBash(String.raw`sallyport status bonn\ e`)).toMatchObject({
      offered: [String.raw`bonn\ east`],
    });
    expect(await completeInBash("sallyport status 'bonn ")).toMatchObject({ offered: ['bonn east'] });
  });

  test('when the word has a character at which Bash splits, only the rest is offered', async () => {
    expect(await completeInBash('sallyport status site:')).toMatchObject({ offered: ['a', 'b'] });
    expect(await completeInBash('sallyport appliance edit berlin --colour=r')).toMatchObject({
      offered: ['red'],
    });
  });

  test('when the line has commands in it, they are not run', async () => {
    await completeInBash('sallyport tenant list "$(touch hacked)" `touch hacked` $(touch hacked) ');
    expect(await readdir(folder)).not.toContain('hacked');
  });

  test('when an appliance is given, its last known tenants are offered', async () => {
    expect(await completeInBash(String.raw`sallyport tenant suspend bonn\ east a`)).toMatchObject({
      read: ['acme', 'apex'],
    });
  });
});

/**
 * Types `line` and the Tab key into a real zsh that has loaded the script that the program prints. Returns the lines that zsh
 * lists, and the words of the line afterwards.
 */
async function completeInZsh(line: string): Promise<{ listed: string[]; read: string[] }> {
  const { stdout } = await run('zsh', ['-f', join(root, 'test-support/typeInZsh.zsh'), line], {
    env: { ...env, TERM: 'dumb' },
    cwd: folder,
  });
  const [listed = [], read = []] = stdout.split('\n\n').map((part) => part.split('\n'));
  return { listed: listed.filter((text) => text !== ''), read };
}

/** Completes `line` in a real fish that has loaded the script that the program prints. Returns words without descriptions. */
async function completeInFish(line: string): Promise<string[]> {
  const script = `sallyport completion fish | source
complete --do-complete $argv[1]`;
  const { stdout } = await run('fish', ['--no-config', '--command', script, line], { env, cwd: folder });
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((text) => text.split('\t')[0] ?? '');
}

const hasProgram = (name: string) => existsSync(`/usr/bin/${name}`);

describe.skipIf(!hasProgram('zsh'))('in a real zsh, if it is installed', () => {
  test('when the first word begins, all commands with these letters are offered with what they do', async () => {
    const { listed } = await completeInZsh('sallyport s');
    expect(listed.map((text) => text.split('  ')[0])).toEqual(['status', 'syslog', 'support']);
    expect(listed[0]).toBe('status  show the current state of appliances; default: all');
  });

  test('when names of appliances begin alike, the common part is typed and each is offered', async () => {
    const { listed, read } = await completeInZsh('sallyport status si');
    expect(listed).toEqual(['site:a', 'site:b']);
    expect(read).toEqual(['sallyport', 'status', 'site:']);
  });

  test('when a name has a space or quotation marks, zsh reads exactly this name', async () => {
    expect((await completeInZsh('sallyport status bo')).read).toEqual(['sallyport', 'status', 'bonn east']);
    expect((await completeInZsh(String.raw`sallyport status \$`)).read).toEqual([
      'sallyport',
      'status',
      hostile,
    ]);
    expect(await readdir(folder)).not.toContain('hacked');
  });

  test('when an appliance is given, its last known tenants are offered', async () => {
    const { listed } = await completeInZsh(String.raw`sallyport tenant suspend bonn\ east a`);
    expect(listed).toEqual(['acme', 'apex']);
  });

  test('when a path is wanted, also after `=`, zsh completes it', async () => {
    await writeFile(join(folder, 'acme.pub'), '');
    expect((await completeInZsh('sallyport policy check acme.p')).read).toEqual([
      'sallyport',
      'policy',
      'check',
      'acme.pub',
    ]);
    expect((await completeInZsh('sallyport tenant add berlin acme --pub-key=acme.p')).read.at(-1)).toBe(
      '--pub-key=acme.pub',
    );
  });
});

describe.skipIf(!hasProgram('fish')).concurrent('in a real fish, if it is installed', () => {
  test('when the first word begins, all commands with these letters are offered', async () => {
    expect(await completeInFish('sallyport s')).toEqual(
      expect.arrayContaining(['status', 'support', 'syslog']),
    );
    expect(await completeInFish('sallyport tenant sus')).toEqual(['suspend']);
  });

  test('when an appliance is wanted, its name is offered', async () => {
    expect(await completeInFish('sallyport tenant list b')).toEqual(
      expect.arrayContaining(['berlin', 'bonn east']),
    );
    expect(await completeInFish('sallyport status site:')).toEqual(['site:a', 'site:b']);
    expect(await readdir(folder)).not.toContain('hacked');
  });

  test('when an appliance is given, its last known tenants are offered', async () => {
    expect(await completeInFish(String.raw`sallyport tenant suspend bonn\ east a`)).toEqual(
      expect.arrayContaining(['acme', 'apex']),
    );
    expect(await completeInFish("sallyport tenant suspend 'bonn east' ac")).toEqual(['acme']);
  });

  test('when a path is wanted, also after `=`, fish completes it', async () => {
    await writeFile(join(folder, 'quay.pub'), '');
    expect(await completeInFish('sallyport policy check quay.p')).toEqual(['quay.pub']);
    expect(await completeInFish('sallyport tenant add berlin acme --pub-key=quay.p')).toEqual([
      '--pub-key=quay.pub',
    ]);
  });
});

describe.concurrent('for zsh and fish', () => {
  test('when an option has choices, they are offered', async () => {
    expect(await ask('status', '--fail-on', '')).toEqual(['words', 'warn', 'bad']);
    expect(await ask('completion', '')).toEqual(['words', 'bash', 'zsh', 'fish']);
  });

  test('when a path is wanted, the shell completes it', async () => {
    expect(await ask('policy', 'check', '')).toEqual(['file']);
    expect(await ask('usage', 'export', 'berlin', '--out', '')).toEqual(['folder']);
    expect(await ask('tenant', 'add', 'berlin', 'acme', '--pub-key=')).toEqual(['file']);
  });

  test('when an option was given, it is offered again only if it may be repeated', async () => {
    const offered = await ask('appliance', 'add', 'n', 'u@h', '--group', 'g', '--tag', 't', '--');
    expect(offered).toContain('--tag');
    expect(offered).toContain('--data');
    expect(offered).not.toContain('--group');
  });

  test('when the help is wanted, the commands of a group are offered', async () => {
    expect(await ask('help', 'audit', '')).toEqual(['words', 'list', 'verify']);
  });

  test('when the name of a new appliance or the confirmation of a removal is wanted, no name is offered', async () => {
    expect(await ask('appliance', 'add', '')).toEqual(['words']);
    expect(await ask('tenant', 'remove', 'bonn east', 'acme', '--confirm', '')).toEqual(['words']);
  });

  test('when there is no store, or no store of this program, no name is offered and nothing is created', async () => {
    await mkdir(join(folder, 'empty'));
    await mkdir(join(folder, 'broken'));
    await writeFile(join(folder, 'broken/store.db'), 'no database');
    expect(await ask('--data', join(folder, 'empty'), 'status', '')).toEqual(['words']);
    expect(await ask(`--data=${join(folder, 'broken')}`, 'status', '')).toEqual(['words']);
    expect(await readdir(join(folder, 'empty'))).toEqual([]);
  });

  test('when nothing is known of the words, nothing is offered and no error is printed', async () => {
    expect(await ask('lab', 'no-word', '--no-option', 'x', '--', '')).toEqual(['words']);
    expect(await ask()).toContain('appliance');
  });
});
