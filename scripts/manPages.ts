import { Help, type Argument, type Command } from 'commander';
import { exitCodes } from '../src-shared/exitCodes.ts';

const help = new Help();

/** Text for troff: nothing in it is a request or an escape, and the result is ASCII. */
export function troffText(text: string): string {
  return text
    .replaceAll('\\', String.raw`\(rs`)
    .replaceAll('-', String.raw`\-`)
    .replace(/^[.']/gmu, String.raw`\&$&`)
    .replace(/[^\n -~]/gu, (character) => {
      const code = character.codePointAt(0) ?? 0;
      return String.raw`\[u${code.toString(16).toUpperCase().padStart(4, '0')}]`;
    });
}

const sentence = (text: string) =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/u.test(text) ? '' : '.'}`;

const fullName = (command: Command): string =>
  command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;

/** The parts of an entry of a list: its bold head and its text. */
const entry = (head: string, text: string): string[] => [
  '.TP',
  `.B ${troffText(head)}`,
  troffText(sentence(text)),
];

const choicesOf = ({ argChoices, description }: Argument): string =>
  [description, argChoices === undefined ? '' : `choices: ${argChoices.join(', ')}`]
    .filter((part) => part !== '')
    .join('; ');

function optionEntries(command: Command): string[] {
  return command.options
    .filter(({ hidden }) => !hidden)
    .flatMap((option) => {
      const text = help.optionDescription(option);
      return entry(option.flags, option.mandatory ? `${text} (required)` : text);
    });
}

/** The text that the help of a command has after its options. */
function textAfter(command: Command): string[] {
  let printed = '';
  command.configureOutput({ writeOut: (part) => (printed += part) });
  command.outputHelp();
  const text = printed.slice(command.helpInformation().length).trim();
  return text === '' ? [] : ['.PP', '.nf', troffText(text), '.fi'];
}

/** A command with its arguments and options, under `.SS`; the commands of a group in their order. */
function commandSections(command: Command): string[] {
  if (command.commands.length > 0) return command.commands.flatMap(commandSections);
  const values = command.registeredArguments.flatMap((argument) => {
    const text = choicesOf(argument);
    return text === '' ? [] : entry(argument.name(), text);
  });
  return [
    `.SS ${troffText(fullName(command))}`,
    `.B ${troffText(fullName(command))}`,
    troffText(command.usage()),
    '.PP',
    troffText(sentence(command.description())),
    ...values,
    ...optionEntries(command),
    ...textAfter(command),
  ];
}

const title = (name: string, version: string) =>
  `.TH ${troffText(name.toUpperCase())} 1 "" "sallyport ${troffText(version)}" "Sallyport"`;

const references = (names: readonly string[]): string[] =>
  names.map((name, at) => `.BR ${troffText(name)} (1)${at === names.length - 1 ? '' : ','}`);

function renderMain(program: Command, version: string, groups: readonly Command[]): string[] {
  return [
    title('sallyport', version),
    '.SH NAME',
    `sallyport ${String.raw`\-`} admin console for appliances`,
    '.SH SYNOPSIS',
    '.B sallyport',
    '[options] command [arguments]',
    '.SH DESCRIPTION',
    troffText(program.description()),
    'Each command has a page of its own.',
    '.SH COMMANDS',
    ...program.commands.flatMap((command) => entry(command.name(), command.description())),
    '.SH OPTIONS',
    ...optionEntries(program),
    ...entry('-h, --help', 'show help for a command'),
    '.SH EXIT STATUS',
    ...Object.entries(exitCodes).flatMap(([name, code]) =>
      entry(
        `${code}`,
        name.replace(/[A-Z]/gu, (letter) => ` ${letter.toLowerCase()}`),
      ),
    ),
    '.SH SEE ALSO',
    ...references(groups.map((command) => pageName(command))),
  ];
}

const pageName = (command: Command) => fullName(command).replaceAll(' ', '-');

function renderGroup(command: Command, version: string): string[] {
  return [
    title(pageName(command), version),
    '.SH NAME',
    `${troffText(pageName(command))} ${String.raw`\-`} ${troffText(command.description())}`,
    '.SH COMMANDS',
    ...commandSections(command),
    '.SH SEE ALSO',
    ...references(['sallyport']),
  ];
}

/** The manual pages of `program` by file name: one of the program and one of each of its commands but help and version. */
export function renderManPages(program: Command, version: string): ReadonlyMap<string, string> {
  const groups = program.commands.filter((command) => !['help', 'version'].includes(command.name()));
  const pages = [
    { name: 'sallyport', lines: renderMain(program, version, groups) },
    ...groups.map((command) => ({ name: pageName(command), lines: renderGroup(command, version) })),
  ];
  return new Map(pages.map(({ name, lines }) => [`${name}.1`, `${lines.join('\n')}\n`]));
}
