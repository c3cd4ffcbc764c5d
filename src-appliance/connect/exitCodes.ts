import { errorCodes } from '../../src-shared/errorCodes.ts';
import { AppError } from '../../src-shared/errors.ts';

/** Exit codes of `connect` **[ours]**; documented in `resources/connect/README.md`. */
export const exitCodes = {
  done: 0,
  failed: 1,
  /** Wrong arguments, or an unusable configuration or key. A restart would fail in the same way. */
  usage: 2,
  /** `start` while another Connect is running, or `stop`, `reload` or `status` while none is running. */
  notRunningOrThere: 3,
  permissionDenied: 4,
  hostKeyChanged: 7,
  notConnected: 8,
} as const;

export function exitCodeOf(error: unknown): number {
  if (!(error instanceof AppError)) return exitCodes.failed;
  const { exitCode } = errorCodes[error.code];
  if (exitCode === 'usage') return exitCodes.usage;
  return exitCode === 'notFoundOrThere' ? exitCodes.notRunningOrThere : exitCodes.failed;
}
