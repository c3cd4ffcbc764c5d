import type { ErrorCode } from '../../../src-shared/errors.ts';

/** Exit codes of every command, the appliance's own included; 8 and 9 are the console's **[ours]**. */
export const exitCodes = {
  done: 0,
  other: 1,
  usage: 2,
  notFoundOrThere: 3,
  notPermitted: 4,
  busy: 5,
  licenceForbids: 6,
  verificationFailed: 7,
  cannotConnect: 8,
  hostKey: 9,
} as const;

export function exitCodeOf(code: ErrorCode): number {
  switch (code) {
    case 'INVALID_INPUT':
    case 'KEY_UNREADABLE':
      return exitCodes.usage;
    case 'NOT_FOUND':
    case 'ALREADY_EXISTS':
    case 'ADDRESS_TAKEN':
    case 'TOO_MANY_KEYS':
      return exitCodes.notFoundOrThere;
    case 'NOT_PERMITTED':
    case 'SUDO_REFUSED':
      return exitCodes.notPermitted;
    case 'BUSY':
    case 'CONFLICT':
    case 'PORT_UNAVAILABLE':
      return exitCodes.busy;
    case 'LICENCE_FORBIDS':
      return exitCodes.licenceForbids;
    case 'VERIFICATION_FAILED':
    case 'AUDIT_BROKEN':
      return exitCodes.verificationFailed;
    case 'CONNECT_FAILED':
    case 'CONNECT_TIMEOUT':
    case 'LINK_LOST':
    case 'LINK_NOT_READY':
    case 'ALGORITHMS_REFUSED':
    case 'AUTHENTICATION_FAILED':
    case 'SECRET_NEEDED':
      return exitCodes.cannotConnect;
    case 'HOST_KEY_UNKNOWN':
    case 'HOST_KEY_CHANGED':
      return exitCodes.hostKey;
    case 'UPLOAD_FAILED':
    case 'LOG_UNREADABLE':
    case 'COMMAND_FAILED':
    case 'COMMAND_MISSING':
    case 'COMMAND_TIMEOUT':
    case 'OUTPUT_TOO_LARGE':
    case 'OUTPUT_UNPARSED':
    case 'STORE_FROM_FUTURE':
    case 'STORE_FAILED':
    case 'CANCELLED':
    case 'INTERNAL':
      return exitCodes.other;
  }
}
