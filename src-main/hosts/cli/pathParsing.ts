import { InvalidArgumentError, type Argument, type Command, type Option } from 'commander';
import { givenPath } from '../../base/givenPath.ts';

const parsePath = (text: string): string => {
  if (text === '') throw new InvalidArgumentError('It must name a file or folder.');
  return givenPath(text);
};

/** How a value is read, by the placeholder that stands for it in the help. A path elsewhere has another placeholder. */
const pathPlaceholders: Readonly<Record<string, (text: string) => string>> = {
  file: parsePath,
  folder: parsePath,
  // `-` is standard input.
  'file|-': (text) => (text === '-' ? text : parsePath(text)),
};

function placeholderOf(declared: Option | Argument): string {
  if ('flags' in declared) return /[<[]([^\]>]+)[\]>]/u.exec(declared.flags)?.[1] ?? '';
  return declared.name();
}

/** Every path that `command` or a command below it takes becomes absolute, with `~` expanded. */
export function parsePaths(command: Command): void {
  for (const declared of [...command.options, ...command.registeredArguments]) {
    const parser = pathPlaceholders[placeholderOf(declared)];
    if (parser !== undefined) declared.argParser(parser);
  }
  for (const child of command.commands) parsePaths(child);
}
