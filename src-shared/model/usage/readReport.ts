import type { z } from 'zod';
import { AppError } from '../../errors.ts';
import {
  formatAccountLine,
  formatPerUserHead,
  formatPerUserTail,
  formatStandardReport,
} from './usageLines.ts';
import {
  accountLineSchema,
  perUserHeadSchema,
  perUserTailSchema,
  standardReportSchema,
  type AccountLine,
  type PerUserHead,
  type StandardReport,
  type StatementKind,
} from './usageReport.ts';

export type ReadReport = {
  head: PerUserHead | StandardReport;
  /** Accounts of a per-user report, and those of them in plain text. Null for a standard report. */
  accounts: { all: number; internal: number } | null;
  lines: number;
};

function refuse(line: number, reason: string): AppError {
  return new AppError('INVALID_INPUT', `line ${line} of the report ${reason}`);
}

const cutOff = () => new AppError('INVALID_INPUT', 'the report was cut off');

type Line = { text: string; number: number };

/** Reads a line that is in its canonical form, so that one report has one form only. Throws INVALID_INPUT, and quotes nothing. */
function readLine<Value>(
  { text, number }: Line,
  schema: z.ZodType<Value>,
  format: (value: Value) => string,
): Value {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw refuse(number, 'is no JSON');
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success)
    throw refuse(number, `has an unexpected value at ${parsed.error.issues[0]?.path.join('.') ?? ''}`);
  if (format(parsed.data) !== `${text}\n`) throw refuse(number, 'is not in its canonical form');
  return parsed.data;
}

/**
 * Reads and checks a report line by line, in bounded memory, and calls `onAccount` for each account. All methods throw like
 * `readUsageReport`.
 */
export function createReportReader(
  kind: StatementKind,
  onAccount: (account: AccountLine) => void = () => undefined,
) {
  let head: ReadReport['head'] | null = null;
  /** Read only when the next line comes, because the last line is no account. */
  let pending: Line | null = null;
  let [lines, accounts, internal] = [0, 0, 0];

  return {
    /** `text` is a line without its end. */
    add: (text: string): void => {
      lines += 1;
      const line = { text, number: lines };
      if (lines === 1) {
        head =
          kind === 'standard'
            ? readLine(line, standardReportSchema, formatStandardReport)
            : readLine(line, perUserHeadSchema, formatPerUserHead);
        return;
      }
      if (kind === 'standard') throw refuse(lines, 'is one too many');
      if (pending !== null) {
        accounts += 1;
        const account = readLine(pending, accountLineSchema, formatAccountLine);
        if (account.internal) internal += 1;
        onAccount(account);
      }
      pending = line;
    },
    end: (): ReadReport => {
      if (head === null) throw cutOff();
      if (kind === 'standard') return { head, accounts: null, lines };
      if (pending === null) throw cutOff();
      const tail = readLine(pending, perUserTailSchema, formatPerUserTail);
      if (tail.accounts !== accounts || tail.internal !== internal)
        throw refuse(lines, 'counts other accounts than the report has');
      return { head, accounts: { all: accounts, internal }, lines };
    },
  };
}

/** After so many lines, which take a few milliseconds, a long report can be left for a while. */
const partLines = 1000;

function* readInParts(report: string): Generator<void, ReadReport> {
  if (!report.endsWith('\n')) throw cutOff();
  const lines = report.slice(0, -1).split('\n');
  const reader = createReportReader(lines.length === 1 ? 'standard' : 'per-user');
  for (const [at, line] of lines.entries()) {
    reader.add(line);
    if ((at + 1) % partLines === 0) yield;
  }
  return reader.end();
}

/** Reads and checks a report line by line. Throws INVALID_INPUT for one that was cut off or changed. Quotes no value. */
export function readUsageReport(report: string): ReadReport {
  const parts = readInParts(report);
  for (;;) {
    const part = parts.next();
    if (part.done === true) return part.value;
  }
}

/** Like `readUsageReport`, and awaits `pause` every 1,000 lines, so that a service answers others while it reads. */
export async function readLongUsageReport(
  report: string,
  pause: () => Promise<unknown>,
): Promise<ReadReport> {
  const parts = readInParts(report);
  for (;;) {
    const part = parts.next();
    if (part.done === true) return part.value;
    await pause();
  }
}
