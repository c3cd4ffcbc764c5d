import { ORPCError, type ORPCErrorCode } from '@orpc/client';
import { AppError, toErrorData } from '../../src-shared/errors.ts';
import type { Log } from '../base/log.ts';

/** Converts an error for the page: code and message unchanged, everything else under `data`. */
export function toRpcError(thrown: unknown, log: Log): ORPCError<ORPCErrorCode, unknown> {
  if (thrown instanceof ORPCError) {
    if (thrown.data !== null && typeof thrown.data === 'object' && 'retryable' in thrown.data) return thrown;
    if (thrown.code === 'BAD_REQUEST') return fromAppError(invalidInput(thrown));
  } else if (thrown instanceof AppError) {
    // Log an expected error if it has a cause, because the page does not get the cause.
    if (thrown.cause !== undefined) log.info({ err: thrown }, 'call failed');
    return fromAppError(thrown);
  }
  log.error({ err: thrown }, 'call failed unexpectedly');
  const data = toErrorData(null);
  return fromAppError(new AppError(data.code, data.message));
}

function fromAppError(error: AppError): ORPCError<ORPCErrorCode, unknown> {
  return new ORPCError(error.code, {
    status: error.code === 'INVALID_INPUT' ? 400 : error.code === 'NOT_PERMITTED' ? 403 : 500,
    message: error.message,
    data: { retryable: error.retryable, detail: error.detail },
  });
}

/** Names the invalid fields but not their values, because the values may be secrets. */
function invalidInput(error: ORPCError<ORPCErrorCode, unknown>): AppError {
  const data: unknown = error.data;
  const issues = data !== null && typeof data === 'object' && 'issues' in data ? data.issues : [];
  const places = (Array.isArray(issues) ? issues : []).flatMap((issue: unknown) => {
    if (issue === null || typeof issue !== 'object' || !('message' in issue)) return [];
    const path = 'path' in issue && Array.isArray(issue.path) ? issue.path.map(String).join('.') : '';
    return [`${path === '' ? 'input' : path}: ${String(issue.message)}`];
  });
  return new AppError(
    'INVALID_INPUT',
    places.length === 0 ? 'The request is malformed.' : `The request is not valid: ${places.join('; ')}`,
    { detail: { issues: places } },
  );
}

/** Converts the errors of a stream, because a stream can fail long after its call was answered. */
export async function* mapStreamErrors<Item>(
  stream: AsyncIterable<Item>,
  log: Log,
): AsyncGenerator<Item, void, void> {
  try {
    yield* stream;
  } catch (thrown) {
    throw toRpcError(thrown, log);
  }
}
