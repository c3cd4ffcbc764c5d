import { AppError } from '../errors.ts';

/** Text that needs no quotes. `=` is excluded, because `NAME=value` as the first word is an assignment. */
const plainText = /^[A-Za-z0-9_@%+:,./-]+$/;

/** Words that a shell reads as syntax if they are the first word of a command. */
const reservedWords = new Set(
  'case coproc do done elif else esac fi for function if in select then time until while'.split(' '),
);

/**
 * Builds a command line for a POSIX shell that passes every argument unchanged. No other code may build
 * command lines. Throws INVALID_INPUT for an empty list, and for NUL, which no argument can contain.
 */
export function quoteArgv(argv: readonly string[]): string {
  if (argv.length === 0) throw new AppError('INVALID_INPUT', 'A command needs at least a name.');
  return argv
    .map((argument) => {
      if (argument.includes('\0'))
        throw new AppError('INVALID_INPUT', 'An argument must not contain a NUL character.');
      if (plainText.test(argument) && !reservedWords.has(argument)) return argument;
      return `'${argument.replaceAll("'", String.raw`'\''`)}'`;
    })
    .join(' ');
}
