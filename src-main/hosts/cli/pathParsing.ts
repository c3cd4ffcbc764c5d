import { InvalidArgumentError, type Argument, type Command, type Option } from 'commander';
import { expandPath } from '../../base/expandPath.ts';

const parsePath = (text: string): string => {
  if (text === '') throw new InvalidArgumentError('Enter the path of a file or folder.');
  return expandPath(text);
};

/**
 * Parsers for arguments that are paths on this computer. A key is the argument's placeholder in the help:
 * `file` for `<file>`. Paths at the tenant's site have other placeholders and stay unchanged.
 */
const pathPlaceholders: Readonly<Record<string, (text: string) => string>> = {
  file: parsePath,
  folder: parsePath,
  // `-` means standard input.
  'file|-': (text) => (text === '-' ? text : parsePath(text)),
};

/** What the help writes for the value of an option or argument, without brackets. */
export function placeholderOf(declared: Option | Argument): string {
  if ('flags' in declared) return /[<[]([^\]>]+)[\]>]/u.exec(declared.flags)?.[1] ?? '';
  return declared.name();
}

/** Makes every path argument of `command` and its subcommands absolute, and expands `~`. */
export function parsePaths(command: Command): void {
  for (const declared of [...command.options, ...command.registeredArguments]) {
    const parser = pathPlaceholders[placeholderOf(declared)];
    if (parser !== undefined) declared.argParser(parser);
  }
  for (const child of command.commands) parsePaths(child);
}
