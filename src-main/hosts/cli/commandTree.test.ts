import type { Command } from 'commander';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test, vi } from 'vitest';
import { applianceEntrySchema } from '../../../src-shared/model/appliance/applianceEntry.ts';
import { commandWords } from './commandGroups.ts';
import { createCommandTree, descendants } from './commandTree.ts';
import { createOutput } from './output.ts';

const context = {
  globals: () => ({ output: createOutput({ json: false }) }),
  finish: () => Promise.resolve(),
};

function createTree(): Promise<Command> {
  return createCommandTree(context);
}

const tree = await createTree();
const everyCommand = [tree, ...descendants(tree)];

function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
}

const flagsOf = ({ options }: Command) =>
  options.flatMap(({ long, short }) => [long, short]).filter((flag) => flag !== undefined);

const builtIn = ['version', 'help'];

test('the groups name the first word of every command', () => {
  const words = tree.commands.map((command) => command.name()).filter((name) => !builtIn.includes(name));
  expect(commandWords.toSorted()).toEqual(words.toSorted());
});

test.each(commandWords.map((word) => [word]))(
  'when a command line begins with %s, it has all commands of that word',
  async (word) => {
    const alone = await createCommandTree(context, { argv: ['--json', '--data', 'policy', word] });
    const namesOf = (program: Command) =>
      descendants(program)
        .map(nameOf)
        .filter((name) => name.startsWith(`sallyport ${word}`));
    expect(namesOf(alone)).toEqual(namesOf(tree));
    expect(namesOf(alone)).not.toEqual([]);
  },
);

test.each([
  ['no command', []],
  ['an unknown command', ['nothing']],
  ['only help', ['help']],
])('when a command line has %s, it has all commands', async (_what, argv) => {
  const all = await createCommandTree(context, { argv });
  expect(descendants(all).map(nameOf)).toEqual(descendants(tree).map(nameOf));
});

test('when the whole program has an option, no command has it too, because the program would take it', () => {
  const ofProgram = flagsOf(tree);
  expect(ofProgram).toContain('--json');
  for (const command of descendants(tree))
    expect([nameOf(command), flagsOf(command).filter((flag) => ofProgram.includes(flag))]).toEqual([
      nameOf(command),
      [],
    ]);
});

test('when a command takes a path, it is absolute and ~ is the home folder', () => {
  const taken: string[] = [];
  for (const command of everyCommand) {
    const options = command.options.map((option) => ({ label: option.long ?? '', option }));
    const values = command.registeredArguments.map((argument) => ({ label: argument.name(), argument }));
    for (const declared of [...options, ...values]) {
      const parse = 'option' in declared ? declared.option.parseArg : declared.argument.parseArg;
      const shape = 'option' in declared ? declared.option.flags : declared.argument.name();
      if (!/(?:file|folder|dir|path)\b/u.test(shape) || shape.includes('path-at-site')) continue;
      taken.push(`${nameOf(command)} ${declared.label}`);
      expect(parse?.('~/keys/one', undefined)).toBe(join(homedir(), 'keys/one'));
      expect(parse?.('~', undefined)).toBe(homedir());
      expect(parse?.('./~one', undefined)).toBe(resolve('~one'));
      expect(parse?.('~nobody-here/one', undefined)).toBe(resolve('~nobody-here/one'));
      expect(() => parse?.('', undefined)).toThrow(/^Enter the path/u);
    }
  }
  expect(taken.toSorted()).toEqual([
    'sallyport --data',
    'sallyport appliance add --identity',
    'sallyport appliance edit --identity',
    'sallyport appliance import --ssh-config',
    'sallyport appliance import file',
    'sallyport config apply file|-',
    'sallyport config diff file|-',
    'sallyport connect init --out',
    'sallyport connect lint file|-',
    'sallyport licence answer file|-',
    'sallyport licence apply --receipt',
    'sallyport licence apply file|-',
    'sallyport licence apply-many --receipts',
    'sallyport licence apply-many folder',
    'sallyport licence calendar --ics',
    'sallyport licence diff file|-',
    'sallyport licence request --out',
    'sallyport licence verify --keys',
    'sallyport licence verify --request',
    'sallyport licence verify file|-',
    'sallyport policy check file',
    'sallyport run config file|-',
    'sallyport run export --out',
    'sallyport support bundle --out',
    'sallyport support redact --out',
    'sallyport support redact file',
    'sallyport syslog export --out',
    'sallyport syslog forward add --ca-file',
    'sallyport syslog forward add --certificate',
    'sallyport syslog forward add --key',
    'sallyport syslog forward add --token-file',
    'sallyport tenant add --private-key-out',
    'sallyport tenant add --pub-key',
    'sallyport tenant add-many file',
    'sallyport tenant handover --out',
    'sallyport tenant plan add --private-key-out',
    'sallyport tenant plan add --pub-key',
    'sallyport tenant plan rotate --private-key-out',
    'sallyport tenant plan rotate --pub-key',
    'sallyport tenant rotate --private-key-out',
    'sallyport tenant rotate --pub-key',
    'sallyport update import --keys',
    'sallyport update import --out',
    'sallyport update import file',
    'sallyport update verify --keys',
    'sallyport update verify file',
    'sallyport usage acknowledge file|-',
    'sallyport usage export --out',
    'sallyport usage reconcile --invoice',
    'sallyport usage report --out',
    'sallyport usage unmark --accounts',
    'sallyport usage what-if --mark',
    'sallyport watch add --address-file',
    'sallyport watch add --ca-file',
    'sallyport watch add --certificate',
    'sallyport watch add --key',
    'sallyport watch add --secret-file',
    'sallyport watch add --token-file',
  ]);
});

test('when a path follows an equals sign, ~ is the home folder too', async () => {
  const program = await createTree();
  const add = descendants(program).find((command) => nameOf(command) === 'sallyport appliance add');
  const seen = vi.fn<(identity: unknown) => void>();
  add?.action((_name: string, _target: string, options: { identity: string }) => seen(options.identity));
  await program.parseAsync(['appliance', 'add', 'k', 'u@h', '--identity=~/id'], { from: 'user' });
  expect(seen).toHaveBeenCalledWith(join(homedir(), 'id'));
});

test.each(everyCommand.map((command) => [nameOf(command), command] as const))(
  'when the help of %s is printed, no line is wider than 100 columns',
  (_name, command) => {
    let printed = '';
    command.configureOutput({ writeOut: (text) => (printed += text), getOutHelpWidth: () => 250 });
    command.outputHelp();
    const wide = printed.split('\n').filter((line) => line.length > 100);
    expect(printed).toContain('Usage: ');
    expect(wide).toEqual([]);
  },
);

/**
 * The full names of all commands that run something, without the groups that only contain other commands.
 */
const namesOfAll = descendants(tree)
  .filter((command) => command.commands.length === 0)
  .map((command) => nameOf(command).replace(/^sallyport /u, ''));

/** Expands `tenant plan add|remove …` to `tenant plan add` and `tenant plan remove`. */
function commandsOf(line: string): string[] {
  const words = line.split(' ').slice(1);
  const end = words.findIndex((word) => !/^[a-z][a-z|-]*$/u.test(word));
  const name = words.slice(0, end === -1 ? undefined : end);
  const last = name.pop() ?? '';
  return last.split('|').map((one) => [...name, one].join(' '));
}

test('the README lists every command, and only options that it has', async () => {
  const readme = await readFile(new URL('../../../README.md', import.meta.url), 'utf8');
  const block = /## Command line\n[\s\S]*?\n```\n(sallyport lab[\s\S]*?)\n```/u.exec(readme)?.[1] ?? '';
  const lines = block.split('\n');
  expect(lines.flatMap(commandsOf).toSorted()).toEqual(namesOfAll.toSorted());
  for (const line of lines) {
    const [name = ''] = commandsOf(line);
    const command = descendants(tree).find((one) => nameOf(one) === `sallyport ${name}`);
    const flags = line.match(/--[a-z-]+/gu) ?? [];
    const known = command?.options.map((option) => option.long);
    expect([line, flags.filter((flag) => known?.includes(flag) !== true)]).toEqual([line, []]);
  }
});

/** The rows of the table of commands in the documentation: command, options, document. */
async function documentedRows(): Promise<string[][]> {
  const file = new URL('../../../docs/command-line.md', import.meta.url);
  return (await readFile(file, 'utf8'))
    .split('\n')
    .map((line) => line.split(/(?<!\\)\|/u).map((cell) => cell.trim()))
    .filter((cells) => cells.length === 5 && (cells[1] ?? '').startsWith('`'));
}

test('docs/command-line.md has every command with its arguments and options', async () => {
  const rows = await documentedRows();
  const expected = descendants(tree)
    .filter((command) => command.commands.length === 0)
    .map((command) => {
      const values = command.registeredArguments.map((argument) => {
        const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
        return argument.required ? `<${name}>` : `[${name}]`;
      });
      const words = [nameOf(command).replace(/^sallyport /u, ''), ...values].join(' ');
      const options = command.options
        .map((option) => `\`${option.flags.replaceAll('|', '\\|')}\``)
        .join(', ');
      return [`\`${words.replaceAll('|', '\\|')}\``, options === '' ? '–' : options];
    });
  expect(rows.map((cells) => [cells[1], cells[2]])).toEqual(expected);
  expect(rows.filter((cells) => (cells[3] ?? '').length < 5)).toEqual([]);
});

test('docs/command-line.md names every field of an entry', async () => {
  const row = (await documentedRows()).find((cells) => cells[1]?.startsWith('`appliance add ') === true);
  const fields = [...(row?.[3] ?? '').matchAll(/`(\w+)`/gu)].map((match) => match[1]);
  expect(new Set(fields)).toEqual(new Set(Object.keys(applianceEntrySchema.shape)));
  expect(fields).toHaveLength(Object.keys(applianceEntrySchema.shape).length);
});
