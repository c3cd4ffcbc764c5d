import { errorCodes } from '../../src-shared/errorCodes.ts';
import { AppError } from '../../src-shared/errors.ts';

/** Exit codes of `connect` **[ours]**; written down in `resources/connect/README.md`. */
export const exitCodes = {
  done: 0,
  failed: 1,
  /** Wrong words, or a configuration or key that can not be used: starting again does not help. */
  usage: 2,
  /** `start` where one runs already; `stop`, `reload` and `status` where none runs. */
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
