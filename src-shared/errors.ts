import { z } from 'zod';
import { errorCodes, errorCodeSchema, type ErrorCode } from './errorCodes.ts';
import { exitCodes, keExitCodes } from './exitCodes.ts';

/** An error as data: what crosses the contract. Stacks stay in the log. */
export const errorDataSchema = z.object({
  code: errorCodeSchema,
  message: z.string(),
  retryable: z.boolean(),
  detail: z.record(z.string(), z.unknown()).default({}),
});
export type ErrorData = z.infer<typeof errorDataSchema>;

/** The one error type that this product throws on purpose; callers look at `code`, never at the text. */
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
 * Several errors of one input as one, with the first one's code; each is in `detail.problems`. A single one stays as it is,
 * of none there is null.
 */
export function joinErrors(errors: readonly AppError[]): AppError | null {
  const [first, ...rest] = errors;
  if (first === undefined || rest.length === 0) return first ?? null;
  return new AppError(first.code, errors.map(({ message }) => message).join(' '), {
    detail: { ...first.detail, problems: errors.map(({ code, message }) => ({ code, message })) },
    cause: first,
  });
}

/** The error of another part of the program, or of an earlier time, as a thing to throw. */
export function fromErrorData({ code, message, detail }: ErrorData): AppError {
  return new AppError(code, message, { detail });
}

/** The exit code of a command of the command line that fails with `code`. */
export function exitCodeOf(code: ErrorCode): number {
  return exitCodes[errorCodes[code].exitCode];
}

/** The same of a `ke_*` command. */
export function keExitCodeOf(code: ErrorCode): number {
  return keExitCodes[errorCodes[code].keExitCode ?? 'failed'];
}

/** Turns anything thrown into data; what was not thrown on purpose becomes INTERNAL without its text. */
export function toErrorData(thrown: unknown): ErrorData {
  if (thrown instanceof AppError) return thrown.toData();
  return {
    code: 'INTERNAL',
    message: 'Something failed inside Sallyport; the log has the details.',
    retryable: false,
    detail: {},
  };
}
