import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { AppError } from '../../src-shared/errors.ts';

/** Linux limits the path of a socket to 107 bytes. `claimName` needs a second, longer name. */
const maxPath = 90;

export function nameOfConfig(config: string): string {
  return basename(config).replace(/\.ya?ml$/u, '');
}

function runFolder(): string {
  // systemd passes the service's runtime folder. The variable may contain several folders, separated by
  // colons.
  const folder = process.env['RUNTIME_DIRECTORY']?.split(':')[0];
  if (folder !== undefined && folder !== '') return folder;
  const user = process.getuid?.();
  if (user === 0) return '/run/sallyport-connect';
  const session = process.env['XDG_RUNTIME_DIR'];
  return session === undefined || session === ''
    ? join(tmpdir(), `sallyport-connect-${user ?? 'user'}`)
    : join(session, 'sallyport-connect');
}

/**
 * The default control socket **[ours]**: one for each configuration file, in the runtime folder of the
 * service or user.
 */
export function defaultSocketPath(config: string): string {
  const mark = createHash('sha256').update(resolve(config)).digest('hex').slice(0, 8);
  return join(runFolder(), `${nameOfConfig(config).slice(0, 24)}-${mark}.sock`);
}

/**
 * Creates the folder of the default socket so that only its user can open it. Throws if another user created
 * the folder.
 */
export function prepareSocketFolder(): void {
  const folder = runFolder();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  const user = process.getuid?.();
  if (!found.isDirectory() || (user !== undefined && (found.uid !== user || (found.mode & 0o022) !== 0)))
    throw new AppError(
      'INVALID_INPUT',
      `${folder} belongs to another user; choose another socket with --socket`,
    );
}

/** The endpoint to listen on: the path, or on Windows a named pipe with a name derived from the path. */
export function endpointOf(path: string): string {
  if (process.platform === 'win32')
    return `\\\\.\\pipe\\sallyport-connect-${createHash('sha256').update(resolve(path)).digest('hex').slice(0, 32)}`;
  if (Buffer.byteLength(path) > maxPath)
    throw new AppError('INVALID_INPUT', `the path of the socket is longer than ${maxPath} bytes: ${path}`);
  return path;
}
