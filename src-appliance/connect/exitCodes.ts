import { AppError, type ErrorCode } from '../../src-shared/errors.ts';

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

const byError: Partial<Record<ErrorCode, number>> = {
  INVALID_INPUT: exitCodes.usage,
  KEY_UNREADABLE: exitCodes.usage,
  NOT_FOUND: exitCodes.notRunningOrThere,
  ALREADY_EXISTS: exitCodes.notRunningOrThere,
};

export function exitCodeOf(error: unknown): number {
  return (error instanceof AppError ? byError[error.code] : undefined) ?? exitCodes.failed;
}
