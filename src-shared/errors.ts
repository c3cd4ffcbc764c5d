import { z } from 'zod';
import { errorCodes, errorCodeSchema, type ErrorCode } from './errorCodes.ts';
import { exitCodes, keExitCodes } from './exitCodes.ts';

/** An error as plain data, as it crosses the contract. Stack traces stay in the log. */
export const errorDataSchema = z.object({
  code: errorCodeSchema,
  message: z.string(),
  retryable: z.boolean(),
  detail: z.record(z.string(), z.unknown()).default({}),
});
export type ErrorData = z.infer<typeof errorDataSchema>;

/** The only error class that this product throws on purpose. Callers check `code`, never the text. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly detail: Record<string, unknown>;

  constructor(
    code: ErrorCode,
    message: string,
    options: { detail?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.retryable = errorCodes[code].retryable;
    this.detail = options.detail ?? {};
  }

  toData(): ErrorData {
    return { code: this.code, message: this.message, retryable: this.retryable, detail: this.detail };
  }
}

/**
 * Joins several errors of one input. The result has the first error's code and lists all errors in
 * `detail.problems`. Returns a single error unchanged, and null for an empty list.
 */
export function joinErrors(errors: readonly AppError[]): AppError | null {
  const [first, ...rest] = errors;
  if (first === undefined || rest.length === 0) return first ?? null;
  return new AppError(first.code, errors.map(({ message }) => message).join(' '), {
    detail: { ...first.detail, problems: errors.map(({ code, message }) => ({ code, message })) },
    cause: first,
  });
}

/** Creates an AppError from stored error data or from another process. */
export function fromErrorData({ code, message, detail }: ErrorData): AppError {
  return new AppError(code, message, { detail });
}

/** The exit code of a `sallyport` command that fails with `code`. */
export function exitCodeOf(code: ErrorCode): number {
  return exitCodes[errorCodes[code].exitCode];
}

/** The exit code of a `ke_*` command that fails with `code`. */
export function keExitCodeOf(code: ErrorCode): number {
  return keExitCodes[errorCodes[code].keExitCode ?? 'failed'];
}

/** Turns any thrown value into data. A value that is no AppError becomes INTERNAL without its text. */
export function toErrorData(thrown: unknown): ErrorData {
  if (thrown instanceof AppError) return thrown.toData();
  return {
    code: 'INTERNAL',
    message: 'Something failed inside Sallyport; the log has the details.',
    retryable: false,
    detail: {},
  };
}
