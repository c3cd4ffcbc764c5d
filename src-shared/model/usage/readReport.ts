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
  type PerUserHead,
  type StandardReport,
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

/** Reads a line that is in its canonical form, so that one report has one form only. Throws INVALID_INPUT, and quotes nothing. */
function readLine<Value>(
  { text, number }: { text: string; number: number },
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

/** After so many lines, which take a few milliseconds, a long report can be left for a while. */
const partLines = 1000;

function* readInParts(report: string): Generator<void, ReadReport> {
  if (!report.endsWith('\n')) throw new AppError('INVALID_INPUT', 'the report was cut off');
  const lines = report.slice(0, -1).split('\n');
  const [first = ''] = lines;
  if (lines.length === 1) {
    const head = readLine({ text: first, number: 1 }, standardReportSchema, formatStandardReport);
    return { head, accounts: null, lines: 1 };
  }
  const head = readLine({ text: first, number: 1 }, perUserHeadSchema, formatPerUserHead);
  let internal = 0;
  for (const [at, text] of lines.slice(1, -1).entries()) {
    if (readLine({ text, number: at + 2 }, accountLineSchema, formatAccountLine).internal) internal += 1;
    if ((at + 1) % partLines === 0) yield;
  }
  const last = { text: lines.at(-1) ?? '', number: lines.length };
  const tail = readLine(last, perUserTailSchema, formatPerUserTail);
  if (tail.accounts !== lines.length - 2 || tail.internal !== internal)
    throw refuse(lines.length, 'counts other accounts than the report has');
  return { head, accounts: { all: tail.accounts, internal }, lines: lines.length };
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
