import { AppError } from '../../src-shared/errors.ts';
import { clientIdSchema } from '../../src-shared/model/tenants/clientId.ts';

/**
 * The documented commands as argument lists **[doc: names and verbs; `--json` is ours]**. Typed values only: nothing that a
 * person typed becomes an option or part of a command line.
 */
export const statusArgv = ['ke_status'] as const;
export const licenceArgv = ['ke_manage_license_key', 'show'] as const;

export function remoteNetworksArgv(clientId?: string): string[] {
  const base = ['ke_manage_remote_networks', 'list'];
  if (clientId === undefined) return base;
  if (!clientIdSchema.safeParse(clientId).success)
    throw new AppError('INVALID_INPUT', 'A CLIENT_ID holds a-z 0-9 . _ - and at most 63 of them.');
  return [...base, clientId];
}

/** Most lines that a tail may begin with; more is a download, not a tail **[ours]**. */
export const maxTailLines = 100_000;

function assertLines(lines: number): void {
  if (!Number.isInteger(lines) || lines < 0 || lines > maxTailLines)
    throw new AppError('INVALID_INPUT', `A tail begins with 0 to ${maxTailLines} lines.`);
}

/** Follows by name, so that it goes on after a rotation; `path` may hold anything but NUL. */
export function tailArgv(input: { path: string; lines: number }): string[] {
  const { path, lines } = input;
  if (!path.startsWith('/') || path.includes('\0'))
    throw new AppError('INVALID_INPUT', 'The path of a log is absolute.');
  assertLines(lines);
  // tail's complaints are only known untranslated.
  return ['env', 'LC_ALL=C', 'tail', '-n', `${lines}`, '-F', '--', path];
}

/** The kit's own command for those who may not read the log: it takes no path. */
export function syslogArgv(input: { lines: number; follow: boolean }): string[] {
  assertLines(input.lines);
  return ['ke_syslog', '--lines', `${input.lines}`, ...(input.follow ? ['--follow'] : [])];
}
