import { AppError } from '../../src-shared/errors.ts';

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** Turns a refusal of the file system into NOT_PERMITTED, so that a missing `sudo` is named as what it is. */
export function permissionError(path: string, cause: unknown): AppError {
  const denied =
    cause instanceof Error && 'code' in cause && (cause.code === 'EACCES' || cause.code === 'EPERM');
  return denied
    ? new AppError('NOT_PERMITTED', `${path} may not be opened by this user; use sudo`, { cause })
    : new AppError('COMMAND_FAILED', `${path} cannot be opened`, { cause });
}
