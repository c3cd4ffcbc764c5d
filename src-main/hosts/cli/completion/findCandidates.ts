import { Option, type Argument, type Command } from 'commander';
import { placeholderOf } from '../pathParsing.ts';

export type Candidate = { text: string; description: string };
/** What may stand at the cursor: one of these words, or a path that the shell completes. */
export type Candidates = { kind: 'words'; words: Candidate[] } | { kind: 'file' } | { kind: 'folder' };

/** Where the names of appliances, credentials and tenants come from. */
type Names = {
  appliances: (folder: string | undefined) => string[];
  credentials: (folder: string | undefined) => string[];
  tenants: (folder: string | undefined, appliance: string) => string[];
};

const pathKinds: Readonly<Record<string, 'file' | 'folder'>> = {
  file: 'file',
  'file|-': 'file',
  folder: 'folder',
};

/** The words before the cursor, as a command reads them. */
type Position = {
  command: Command;
  values: string[];
  used: ReadonlySet<Option>;
  /** The option whose value is at the cursor, also if the value is optional. */
  pending: Option | null;
  /** Whether the cursor is after `--`, which ends the options. */
  isAfterOptions: boolean;
  folder: string | undefined;
};

const optionsOf = (command: Command): readonly Option[] =>
  command.parent === null ? command.options : [...command.options, ...optionsOf(command.parent)];

const findOption = (command: Command, flag: string) =>
  optionsOf(command).find((option) => [option.long, option.short].includes(flag));

const findChild = (command: Command, word: string) => command.commands.find((child) => child.name() === word);

function readWords(program: Command, words: readonly string[]): Position {
  let command = program;
  let pending: Option | null = null;
  let isAfterOptions = false;
  let folder: string | undefined;
  const values: string[] = [];
  const used = new Set<Option>();
  for (const word of words) {
    const isFlag = !isAfterOptions && word.startsWith('-') && word !== '-';
    if (pending !== null && (!isFlag || pending.required)) {
      if (pending.long === '--data') folder = word;
      if (!pending.variadic) pending = null;
    } else if (!isAfterOptions && word === '--') {
      isAfterOptions = true;
      pending = null;
    } else if (isFlag) {
      const [flag = '', value] = word.split('=', 2);
      const option = findOption(command, flag);
      if (option !== undefined) used.add(option);
      const takesValue = option !== undefined && (option.required || option.optional);
      pending = takesValue && value === undefined ? option : null;
      if (option?.long === '--data') folder = value;
    } else {
      const child = values.length === 0 ? findChild(command, word) : undefined;
      if (child === undefined) values.push(word);
      else command = child;
    }
  }
  return { command, values, used, pending, isAfterOptions, folder };
}

const wordsOf = (texts: readonly string[]): Candidates => ({
  kind: 'words',
  words: texts.map((text) => ({ text, description: '' })),
});

const commandsOf = (command: Command): Candidate[] =>
  command.commands.map((child) => ({ text: child.name(), description: child.description() }));

/** The values of an option or an argument, from its choices and its placeholder. */
function valuesOf(declared: Option | Argument, position: Position, names: Names): Candidates {
  if (declared.argChoices !== undefined) return wordsOf(declared.argChoices);
  const placeholder = placeholderOf(declared).replace(/\.\.\.$/u, '');
  const kind = pathKinds[placeholder];
  if (kind !== undefined) return { kind };
  if (placeholder === 'appliance' || placeholder === 'appliances')
    return wordsOf(names.appliances(position.folder));
  if (placeholder === 'credential') return wordsOf(names.credentials(position.folder));
  // Not for an option: --confirm has the name typed, so that nothing is removed by accident.
  const isTenant = placeholder === 'client_id' && !(declared instanceof Option);
  const appliance = position.values[0];
  if (!isTenant || appliance === undefined) return wordsOf([]);
  return wordsOf(names.tenants(position.folder, appliance));
}

const isRepeatable = (option: Option) => option.variadic || Array.isArray(option.defaultValue);

function flagsAt({ command, used }: Position): Candidates {
  const words = optionsOf(command)
    .filter((option) => !option.hidden && (!used.has(option) || isRepeatable(option)))
    .map((option) => ({ text: option.long ?? option.flags, description: option.description }));
  return { kind: 'words', words: [...words, { text: '--help', description: 'show help for a command' }] };
}

function valueAt(position: Position, names: Names): Candidates {
  const { command, values } = position;
  if (command.commands.length > 0) return { kind: 'words', words: commandsOf(command) };
  const declared = command.registeredArguments;
  const last = declared.at(-1);
  const argument = declared[values.length] ?? (last?.variadic === true ? last : undefined);
  if (argument === undefined) return position.isAfterOptions ? wordsOf([]) : flagsAt(position);
  return valuesOf(argument, position, names);
}

/** The commands that `help` can show after `words`. */
function helpAt(program: Command, words: readonly string[]): Candidates {
  const command = words.reduce<Command | undefined>(
    (found, word) => found && findChild(found, word),
    program,
  );
  return { kind: 'words', words: command === undefined ? [] : commandsOf(command) };
}

/**
 * What may stand at the cursor in a command line of `program`. `words`: the words before it; `current`: the word up to it.
 * Candidates are not filtered by `current`; those for `--option=…` contain the option.
 */
export function findCandidates(options: {
  program: Command;
  words: readonly string[];
  current: string;
  names: Names;
}): Candidates {
  const { program, words, current, names } = options;
  const position = readWords(program, words);
  if (position.command.name() === 'help' && position.command.parent === program)
    return helpAt(program, position.values);
  const isFlag = !position.isAfterOptions && current.startsWith('-');
  const { pending } = position;
  if (pending !== null && (!isFlag || pending.required)) return valuesOf(pending, position, names);
  if (!isFlag) return valueAt(position, names);
  const [flag = '', value] = current.split('=', 2);
  if (value === undefined) return flagsAt(position);
  const option = findOption(position.command, flag);
  const found = option === undefined ? wordsOf([]) : valuesOf(option, position, names);
  if (found.kind !== 'words') return found;
  return {
    kind: 'words',
    words: found.words.map((word) => ({ ...word, text: `${flag}=${word.text}` })),
  };
}
