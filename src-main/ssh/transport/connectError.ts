import { AppError } from '../../../src-shared/errors.ts';
import { visibleText } from '../../../src-shared/base/machineText.ts';
import { systemErrorCode } from '../../../src-shared/node/systemErrorCode.ts';

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

/** Describes an error for operators. Shortens texts from outside and makes them safe to show. */
export function describeError(error: unknown): string {
  const code = systemErrorCode(error);
  const known = typeof code === 'string' ? words[code] : undefined;
  if (known !== undefined) return known;
  return error instanceof Error && error.message !== ''
    ? visibleText(error.message).slice(0, 300)
    : 'the connection was closed';
}

export function createConnectError(hop: string, error: unknown): AppError {
  return new AppError('CONNECT_FAILED', `${hop}: ${describeError(error)}.`, {
    detail: { hop, reason: describeError(error) },
    cause: error,
  });
}
