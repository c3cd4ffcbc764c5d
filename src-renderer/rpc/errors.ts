import { ORPCError } from '@orpc/client';
import { type ErrorData, errorDataSchema } from '../../src-shared/errors.ts';

/** The error that the page shows while the console itself does not answer. */
export const consoleUnreachable: ErrorData = {
  code: 'CONNECT_FAILED',
  message: 'Can’t reach the console. Reconnecting…',
  retryable: true,
  detail: {},
};

/** Thrown by a call that could not be sent. */
export class ConsoleUnreachableError extends Error {
  constructor() {
    super(consoleUnreachable.message);
    this.name = 'ConsoleUnreachableError';
  }
}

/** Turns any thrown value into data. A value that is not from the console is a failure of the connection to it. */
export function toErrorData(thrown: unknown): ErrorData {
  if (!(thrown instanceof ORPCError)) return consoleUnreachable;
  const data: unknown = thrown.data;
  const rest = typeof data === 'object' ? data : {};
  const known = errorDataSchema.safeParse({
    retryable: false,
    ...rest,
    code: thrown.code,
    message: thrown.message,
  });
  if (known.success) return known.data;
  return {
    code: thrown.code === 'BAD_REQUEST' ? 'INVALID_INPUT' : 'INTERNAL',
    message: thrown.message,
    retryable: false,
    detail: {},
  };
}
