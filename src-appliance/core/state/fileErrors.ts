import { AppError } from '../../../src-shared/errors.ts';
import { systemErrorCode } from '../../../src-shared/node/systemErrorCode.ts';

export function isMissing(error: unknown): boolean {
  return systemErrorCode(error) === 'ENOENT';
}

const reasons: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the disk is read-only',
  EIO: 'the disk failed',
};

/**
 * Returns NOT_PERMITTED if the file system denied access, so that the message can suggest `sudo`. Otherwise
 * COMMAND_FAILED with the cause.
 */
export function fileError(path: string, cause: unknown): AppError {
  const code = systemErrorCode(cause) ?? 'unknown';
  if (code === 'EACCES' || code === 'EPERM')
    return new AppError('NOT_PERMITTED', `${path} cannot be opened by this user; use sudo`, { cause });
  return new AppError('COMMAND_FAILED', `${path} cannot be used: ${reasons[code] ?? code}`, { cause });
}
