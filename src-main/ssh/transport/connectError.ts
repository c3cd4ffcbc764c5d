import { AppError } from '../../../src-shared/errors.ts';
import { visibleText } from '../../../src-shared/base/machineText.ts';

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was reset',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'the network is unreachable',
  ENOTFOUND: 'no such host name',
  EAI_AGAIN: 'the host name could not be looked up',
  ETIMEDOUT: 'no answer',
  EPIPE: 'the connection was closed',
};

/** `code` of a system error, or ssh2's number of a disconnect message. */
export function systemCode(error: unknown): string | number | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  return typeof error.code === 'string' || typeof error.code === 'number' ? error.code : null;
}

/** What went wrong, in the operator's words; text that came from outside is made visible and kept short. */
export function describe(error: unknown): string {
  const code = systemCode(error);
  const known = typeof code === 'string' ? words[code] : undefined;
  if (known !== undefined) return known;
  return error instanceof Error && error.message !== ''
    ? visibleText(error.message).slice(0, 300)
    : 'the connection was closed';
}

export function connectFailed(hop: string, error: unknown): AppError {
  return new AppError('CONNECT_FAILED', `${hop}: ${describe(error)}.`, {
    detail: { hop, reason: describe(error) },
    cause: error,
  });
}
