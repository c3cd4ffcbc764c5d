import { posix } from 'node:path';
import { AppError } from '../../src-shared/errors.ts';
import { lookAlikeSentence } from '../../src-shared/base/lookAlikes.ts';
import { followScript } from '../../src-shared/model/syslog/followScript.ts';
import { clientIdSchema } from '../../src-shared/model/tenants/clientId.ts';

/**
 * The documented commands as argument lists **[doc: names and verbs; `--json` is ours]**. Every value is
 * validated, so that no input can become an option or a second command.
 */
export const statusArgv = ['ke_status'] as const;
export const licenceArgv = ['ke_manage_license_key', 'show'] as const;

export function remoteNetworksArgv(clientId?: string): string[] {
  const base = ['ke_manage_remote_networks', 'list'];
  if (clientId === undefined) return base;
  if (!clientIdSchema.safeParse(clientId).success)
    throw new AppError(
      'INVALID_INPUT',
      `A CLIENT_ID has 1 to 63 characters: a-z, 0-9, dot, dash or underscore.${lookAlikeSentence(clientId)}`,
    );
  return [...base, clientId];
}

/**
 * Maximum number of old lines that a tail starts with. For more lines, download the file instead **[ours]**.
 */
export const maxTailLines = 100_000;

function assertLines(lines: number): void {
  if (!Number.isInteger(lines) || lines < 0 || lines > maxTailLines)
    throw new AppError('INVALID_INPUT', `The number of lines must be from 0 to ${maxTailLines}.`);
}

function absolutePath(path: string): string {
  if (!path.startsWith('/') || path.includes('\0'))
    throw new AppError('INVALID_INPUT', 'The path of a log must be absolute.');
  return path;
}

/**
 * Arguments of a `tail` that follows the file by name, so that it continues after a rotation. `path` may
 * contain any character but NUL.
 */
export function tailArgv(input: { path: string; lines: number }): string[] {
  const { lines } = input;
  const path = absolutePath(input.path);
  assertLines(lines);
  // tail prints its error messages in English, because tailErrors.ts only recognizes English ones.
  return ['env', 'LC_ALL=C', 'tail', '-n', `${lines}`, '-F', '--', path];
}

/**
 * The kit's command for users who may not read the log file. The command finds the log itself, so it takes no
 * path.
 */
export function syslogArgv(input: { lines: number; follow: boolean }): string[] {
  assertLines(input.lines);
  return ['ke_syslog', '--lines', `${input.lines}`, ...(input.follow ? ['--follow'] : [])];
}

/**
 * Arguments of the script that lists and reads a log and its rotated files. `words` are its mode and positions, see
 * `followScript.ts`.
 */
export function followArgv(input: { path: string; words: readonly string[] }): string[] {
  return ['sh', '-c', followScript, 'sh', 'lax', absolutePath(input.path), ...input.words];
}

/** The same through the kit, for users who may not read the files. */
export function followByKitArgv(words: readonly string[]): string[] {
  return ['ke_syslog', '--files', ...words];
}

/** Exits with 0 if this user can read the log, or could if it existed. */
export function mayReadLogArgv(path: string): string[] {
  const script = '[ -r "$0" ] || { [ ! -e "$0" ] && [ -x "$1" ]; }';
  return ['sh', '-c', script, absolutePath(path), posix.dirname(path)];
}
