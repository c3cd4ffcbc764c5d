import { AppError } from '../../../src-shared/errors.ts';
import { visibleText } from '../../../src-shared/base/machineText.ts';
import { quoteServerText } from './serverTexts.ts';
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

/** Whether the error is the server's disconnect message. Its code is a number then, and its text the server's. */
const isDisconnect = (error: unknown): error is Error =>
  error instanceof Error && typeof systemErrorCode(error) === 'number';

/** Describes why a connection ended. */
export function describeEnd(error: unknown): string {
  return isDisconnect(error) ? `the server said ${quoteServerText(error.message)}` : describeError(error);
}

/** `said` is a sentence with what the server said, or ''. */
export function createConnectError(hop: string, { error, said }: { error: unknown; said: string }): AppError {
  const reason = isDisconnect(error) ? 'the server ended the connection' : describeError(error);
  return new AppError('CONNECT_FAILED', `${hop}: ${reason}.${said}`, {
    detail: { hop, reason },
    cause: error,
  });
}
