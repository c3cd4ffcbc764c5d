import {
  matchesRow,
  maxPlainRows,
  type ReportPart,
  type RowFilter,
} from '../../src-shared/model/usage/reportRows.ts';
import type { AccountLine } from '../../src-shared/model/usage/usageReport.ts';

/** Opens the bytes of a per-user report, and passes on each account. Reading to the end checks the report. */
export type OpenReport = (onAccount: (account: AccountLine) => void) => AsyncIterable<Buffer>;

const rowsOfPart = 250;
const reportMs = 300;

/**
 * Yields the rows of a window in parts as they arrive: those in plain text from the whole report, and of the hashed ones
 * `limit` after the first `skip`. Memory is bounded, whatever the report has. Rejects like the report.
 */
export async function* readReportRows(options: {
  open: OpenReport;
  filter: RowFilter;
  skip: number;
  limit: number;
  signal: AbortSignal;
  clock: () => number;
}): AsyncGenerator<ReportPart, void, void> {
  const { filter, skip, limit, signal, clock } = options;
  let [plain, hashed]: [AccountLine[], AccountLine[]] = [[], []];
  let [read, matched, plainMatched] = [0, 0, 0];
  let lastAt = clock();

  function add(account: AccountLine): void {
    read += 1;
    if (!matchesRow(filter, account)) return;
    matched += 1;
    if (account.internal) {
      plainMatched += 1;
      if (plainMatched <= maxPlainRows) plain.push(account);
      return;
    }
    const index = matched - plainMatched - 1;
    if (index >= skip && index < skip + limit) hashed.push(account);
  }
  function take(isDone: boolean): ReportPart {
    const part = { plain, hashed, read, matched, plainMatched, isDone };
    [plain, hashed] = [[], []];
    lastAt = clock();
    return part;
  }

  for await (const _chunk of options.open(add)) {
    if (signal.aborted) return;
    if (plain.length + hashed.length >= rowsOfPart || clock() - lastAt >= reportMs) yield take(false);
  }
  yield take(true);
}
