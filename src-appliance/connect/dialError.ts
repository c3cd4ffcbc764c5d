import { shorten, visibleLine } from '../../src-shared/base/machineText.ts';
import {
  dialReasonFacts,
  dialReasons,
  maxDialMessage,
  type DialReason,
} from '../../src-shared/model/tunnels/dialFailures.ts';
import { systemErrorCode } from '../../src-shared/node/systemErrorCode.ts';

/** Why a connection to a repository failed, and the system's words for it in one short line. */
export type DialError = { reason: DialReason; message: string };

function reasonOf(error: Error): DialReason {
  const code = systemErrorCode(error);
  return (
    dialReasons.find((reason) => dialReasonFacts[reason].systemCodes.some((one) => one === code)) ?? 'other'
  );
}

function describe(reason: DialReason, text: string): DialError {
  const line = visibleLine(text.replaceAll('\ufffd', '?'));
  return { reason, message: shorten(line === '' ? 'no reason is known' : line, maxDialMessage) };
}

/**
 * Describes the error of a socket. Node tries all addresses of a name and reports their errors together; the
 * reason is then that of the attempt that got furthest.
 */
export function describeDialError(error: Error): DialError {
  const errors = error instanceof AggregateError ? error.errors.filter((one) => one instanceof Error) : [];
  if (errors.length === 0) return describe(reasonOf(error), error.message);
  const reasons = errors.map(reasonOf);
  const reason = dialReasons.find((one) => reasons.includes(one)) ?? 'other';
  return describe(reason, [...new Set(errors.map(({ message }) => message))].join('; '));
}

/** Describes an attempt that was given up after `milliseconds`. `isNamePending`: the address was not known yet. */
export function describeDialTimeout(options: {
  host: string;
  isNamePending: boolean;
  milliseconds: number;
}): DialError {
  const { host, isNamePending, milliseconds } = options;
  const limit = `within ${milliseconds / 1000} s`;
  return isNamePending
    ? describe('name', `the name ${host} was not resolved ${limit}`)
    : describe('timeout', `timed out: no connection ${limit}`);
}
