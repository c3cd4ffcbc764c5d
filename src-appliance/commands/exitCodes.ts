import { AppError, type ErrorCode } from '../../src-shared/errors.ts';

/** Exit codes of all `ke_*` commands **[ours]**. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  notFoundOrThere: 3,
  notPermitted: 4,
  busy: 5,
  licenceForbids: 6,
  verificationFailed: 7,
} as const;

const byError: Partial<Record<ErrorCode, number>> = {
  INVALID_INPUT: exitCodes.usage,
  NOT_FOUND: exitCodes.notFoundOrThere,
  ALREADY_EXISTS: exitCodes.notFoundOrThere,
  TOO_MANY_KEYS: exitCodes.notFoundOrThere,
  CONFLICT: exitCodes.notFoundOrThere,
  NOT_PERMITTED: exitCodes.notPermitted,
  BUSY: exitCodes.busy,
  LICENCE_FORBIDS: exitCodes.licenceForbids,
  VERIFICATION_FAILED: exitCodes.verificationFailed,
};

export function exitCodeOf(error: AppError): number {
  return byError[error.code] ?? exitCodes.failed;
}
