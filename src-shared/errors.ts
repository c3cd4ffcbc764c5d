import { z } from 'zod';

/**
 * Every failure that an operator can meet, by its stable code. Docs: `docs/errors.md`. **[ours]**
 * The value says whether trying the same again, unchanged, can help.
 */
export const errorCodes = {
  INVALID_INPUT: { retryable: false },
  NOT_FOUND: { retryable: false },
  ALREADY_EXISTS: { retryable: false },
  ADDRESS_TAKEN: { retryable: false },
  NOT_PERMITTED: { retryable: false },
  CONFLICT: { retryable: false },
  TOO_MANY_KEYS: { retryable: false },
  BUSY: { retryable: true },
  LICENCE_FORBIDS: { retryable: false },
  VERIFICATION_FAILED: { retryable: false },
  CONNECT_FAILED: { retryable: true },
  CONNECT_TIMEOUT: { retryable: true },
  LINK_LOST: { retryable: true },
  LINK_NOT_READY: { retryable: true },
  HOST_KEY_UNKNOWN: { retryable: false },
  HOST_KEY_CHANGED: { retryable: false },
  ALGORITHMS_REFUSED: { retryable: false },
  AUTHENTICATION_FAILED: { retryable: false },
  SECRET_NEEDED: { retryable: false },
  KEY_UNREADABLE: { retryable: false },
  COMMAND_FAILED: { retryable: true },
  COMMAND_MISSING: { retryable: false },
  COMMAND_TIMEOUT: { retryable: true },
  OUTPUT_TOO_LARGE: { retryable: false },
  OUTPUT_UNPARSED: { retryable: false },
  SUDO_REFUSED: { retryable: false },
  UPLOAD_FAILED: { retryable: true },
  LOG_UNREADABLE: { retryable: true },
  STORE_FROM_FUTURE: { retryable: false },
  STORE_FAILED: { retryable: true },
  AUDIT_BROKEN: { retryable: false },
  PORT_UNAVAILABLE: { retryable: true },
  CANCELLED: { retryable: true },
  INTERNAL: { retryable: false },
} as const satisfies Record<string, { retryable: boolean }>;

export type ErrorCode = keyof typeof errorCodes;

const errorCodeNames = Object.keys(errorCodes);

function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && errorCodeNames.includes(value);
}

export const errorCodeSchema = z.custom<ErrorCode>(isErrorCode, 'unknown error code');

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
