import { AppError } from '../errors.ts';

/** Text that needs no quotes. It excludes `=`, which would turn a first word into an assignment. */
const plainText = /^[A-Za-z0-9_@%+:,./-]+$/;

/** Words that are shell syntax in the place of a command's name. */
const reservedWords = new Set(
  'case coproc do done elif else esac fi for function if in select then time until while'.split(' '),
);

/**
 * Builds one command line for a POSIX shell that passes every argument unchanged. The only place where text becomes
 * part of a command line. Throws INVALID_INPUT for NUL, which no argument can contain, and for an empty list.
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
