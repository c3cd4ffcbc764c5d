import { parse } from 'csv-parse/browser/esm/sync';
import { z } from 'zod';
import { clientIdSchema } from './clientId.ts';
import { shortened } from '../../base/machineText.ts';
import { portCount } from './ports.ts';
import { readPublicKey } from './publicKey.ts';

/** A file that adds many tenants: a head that names the columns, then a tenant a line **[ours]**. */
export const maxCsvTenants = 200;
/** Two hundred keys of the longest kind stay far below. */
export const maxTenantCsv = 1024 * 1024;

const columnNames = ['client_id', 'public_key', 'quota'] as const;
type ColumnName = (typeof columnNames)[number];

/** The example to start from; its keys are samples that nobody holds the other half of. */
export const sampleTenantCsv = [
  'client_id,public_key,quota',
  'northwind,ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f sample-1,20',
  'acme,ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB8eHRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgEA sample-2,',
  '',
].join('\r\n');

export type TenantCsvRow = {
  /** Where the tenant's record begins in the file, from 1. */
  line: number;
  /** As written, at most 63 characters and a mark where it was longer. */
  clientId: string;
  /** Empty where it is no public key: what stands there instead may be a secret. */
  publicKey: string;
  fingerprint: string | null;
  /** Null takes the appliance's default. */
  quota: number | null;
  /** As written, shortened; empty where nothing is. */
  writtenQuota: string;
  /** Sentences without an end; empty where the row can be added. */
  problems: string[];
};

export type TenantCsv = {
  rows: TenantCsvRow[];
  /** Columns that mean nothing here and were passed over. */
  ignored: string[];
  /** Why the file as a whole can't be read; null where it can. */
  problem: string | null;
};

type CsvRecord = { line: number; cells: string[] };

/** Spreadsheets write a comma or, where that is the decimal sign, a semicolon; a tab is what one copies out of them. */
function delimiterOf(text: string): string {
  const head = text.slice(0, text.search(/[\r\n]|$/u));
  return [',', ';', '\t'].find((sign) => head.includes(sign)) ?? ',';
}

const rowSchema = z.object({
  record: z.array(z.string()),
  info: z.object({ lines: z.int() }),
});

/** Empty lines are no records. Throws csv-parse's CsvError, above all for a quoted cell that does not end. */
function readRecords(text: string, delimiter: string): CsvRecord[] {
  // csv-parse counts CRLF inside a quoted cell as two lines.
  const rows: unknown = parse(text.replaceAll(/\r\n?/gu, '\n'), {
    delimiter,
    info: true,
    trim: true,
    record_delimiter: '\n',
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_empty_values: true,
  });
  // `lines` is where the record ends: a quoted cell may hold line ends.
  return z
    .array(rowSchema)
    .parse(rows)
    .map(({ record, info }) => ({
      line: info.lines - record.join('').split('\n').length + 1,
      cells: record,
    }));
}

function isColumnName(name: string): name is ColumnName {
  return columnNames.some((known) => known === name);
}

function normalName(cell: string): string {
  return cell
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/gu, '_');
}

function readQuota(text: string): { quota: number | null; problem: string | null } {
  if (text === '') return { quota: null, problem: null };
  const quota = /^\d{1,4}$/u.test(text) ? Number(text) : 0;
  return quota >= 1 && quota <= portCount
    ? { quota, problem: null }
    : { quota: null, problem: `the quota is no whole number from 1 to ${portCount}` };
}

function readRow(record: CsvRecord, at: ReadonlyMap<ColumnName, number>): TenantCsvRow {
  const cell = (name: ColumnName) => (record.cells[at.get(name) ?? -1] ?? '').trim();
  const clientId = cell('client_id');
  const { key, problem } = readPublicKey(cell('public_key'));
  const quota = readQuota(cell('quota'));
  const named = clientIdSchema.safeParse(clientId).success;
  return {
    line: record.line,
    clientId: shortened(clientId, 64),
    publicKey: key === null ? '' : cell('public_key'),
    fingerprint: key?.fingerprint ?? null,
    quota: quota.quota,
    writtenQuota: shortened(cell('quota'), 8),
    problems: [
      named ? null : 'the client_id starts with a letter or digit and holds at most 63 of a-z 0-9 . _ -',
      problem === null ? null : `no public key: ${problem}`,
      quota.problem,
    ].flatMap((one) => one ?? []),
  };
}

/** A name or a key that stands in an earlier row already. */
function withRepetitions(rows: readonly TenantCsvRow[]): TenantCsvRow[] {
  const names = new Map<string, number>();
  const keys = new Map<string, number>();
  return rows.map((row) => {
    const problems = [...row.problems];
    const named = names.get(row.clientId);
    if (named !== undefined && row.clientId !== '') problems.push(`line ${named} has the same client_id`);
    else names.set(row.clientId, row.line);
    const keyed = row.fingerprint === null ? undefined : keys.get(row.fingerprint);
    if (keyed !== undefined) problems.push(`line ${keyed} has the same key`);
    else if (row.fingerprint !== null) keys.set(row.fingerprint, row.line);
    return { ...row, problems };
  });
}

function unreadable(problem: string): TenantCsv {
  return { rows: [], ignored: [], problem };
}

/**
 * Reads a file of tenants, each row with what is wrong with it. Pure, and never throws. The head may name its columns in
 * any order; `quota` may be missing, and columns that are not known are passed over.
 */
export function readTenantCsv(file: string): TenantCsv {
  if (file.length > maxTenantCsv) return unreadable('The file is larger than 1 MB.');
  const text = file.replace(/^\ufeff/u, '');
  if (text.includes('\0')) return unreadable('This is not a text file.');
  let records: CsvRecord[];
  try {
    records = readRecords(text, delimiterOf(text));
  } catch {
    return unreadable('A quoted cell does not end.');
  }
  const [head, ...body] = records;
  if (head === undefined) return unreadable('The file is empty.');
  const names = head.cells.map(normalName);
  const at = new Map<ColumnName, number>();
  for (const [index, name] of names.entries()) {
    if (!isColumnName(name)) continue;
    if (at.has(name)) return unreadable(`The first line names ${name} twice.`);
    at.set(name, index);
  }
  if (!at.has('client_id') || !at.has('public_key'))
    return unreadable(`The first line must name the columns: ${columnNames.join(', ')}.`);
  if (body.length === 0) return unreadable('There is no tenant below the first line.');
  if (body.length > maxCsvTenants)
    return unreadable(`There are ${body.length} tenants; at most ${maxCsvTenants} go at once.`);
  const ignored = names.filter((name) => name !== '' && !isColumnName(name));
  return {
    rows: withRepetitions(body.map((record) => readRow(record, at))),
    ignored: ignored.map((name) => shortened(name, 64)),
    problem: null,
  };
}
