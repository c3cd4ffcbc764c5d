import { AppError } from '../errors.ts';

/** Text that means the same quoted or not. No `=`: in front it would make an assignment. */
const plainText = /^[A-Za-z0-9_@%+:,./-]+$/;

/** Words that are grammar to a shell where a command's name is expected. */
const reservedWords = new Set(
  'case coproc do done elif else esac fi for function if in select then time until while'.split(' '),
);

/**
 * One command line for a POSIX shell, in which every argument arrives as it was given. The only place where text becomes
 * part of a command line. Throws INVALID_INPUT on NUL, which no argument can carry, and on an empty list.
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
