import { clientIdSchema } from './clientId.ts';
import { findSpreadsheetChange, readCsvFile, type CsvRecord } from '../../base/csvFile.ts';
import { withLookAlike } from '../../base/lookAlikes.ts';
import { shorten } from '../../base/machineText.ts';
import { portCount } from './ports.ts';
import { readPublicKey } from './publicKey.ts';

/** Limits of a file that adds many tenants: a header with column names, then one tenant per line **[ours]**. */
export const maxCsvTenants = 200;
/** Maximum size of the file in bytes. Two hundred keys of maximum length need far less. */
export const maxTenantCsv = 1024 * 1024;

const columnNames = ['client_id', 'public_key', 'quota'] as const;

const synonyms = {
  client_id: ['client', 'clientid', 'tenant', 'tenant_id', 'tenantid'],
  public_key: ['key', 'pub_key', 'pubkey', 'publickey', 'ssh_key', 'ssh_public_key'],
  quota: ['ports', 'port_quota', 'num_ports', 'allotment'],
} as const;

/** An example file. No private keys exist for its sample keys. */
export const sampleTenantCsv = [
  'client_id,public_key,quota',
  'northwind,ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f sample-1,20',
  'acme,ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB8eHRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgEA sample-2,',
  '',
].join('\r\n');

export type TenantCsvRow = {
  /** Number of the record's first line in the file. The file starts with line 1. */
  line: number;
  /** The name from the file, shortened to 63 characters. */
  clientId: string;
  /** Empty if the cell contains no public key, because it may contain a secret. */
  publicKey: string;
  fingerprint: string | null;
  /** Null for the appliance's default quota. */
  quota: number | null;
  /** The quota as written in the file, shortened. May be empty. */
  writtenQuota: string;
  /** Sentences without a full stop; empty if the row is valid. */
  problems: string[];
};

export type TenantCsv = {
  rows: TenantCsvRow[];
  /** Names of unknown columns, which are ignored. */
  ignored: string[];
  /** Why the file as a whole can't be read. Null if it can. */
  problem: string | null;
};

function readQuota(text: string): { quota: number | null; problem: string | null } {
  if (text === '') return { quota: null, problem: null };
  // Spreadsheets may add decimals, with the comma or point of their locale.
  const digits = /^(\d{1,4})(?:[.,]0{1,2})?$/u.exec(text)?.[1];
  const quota = digits === undefined ? 0 : Number(digits);
  if (quota >= 1 && quota <= portCount) return { quota, problem: null };
  const change = findSpreadsheetChange(text);
  const fault = withLookAlike(`the quota is not a whole number from 1 to ${portCount}`, text);
  return { quota: null, problem: change === null ? fault : `the quota: ${change}` };
}

function describeClientId(clientId: string): string {
  const change = findSpreadsheetChange(clientId);
  const fault = withLookAlike(
    'the client_id must have 1 to 63 characters (a-z, 0-9, dot, dash or underscore) and start with a letter or digit',
    clientId,
  );
  return change === null ? fault : `the client_id: ${change}`;
}

function readRow({ line, cell }: CsvRecord<(typeof columnNames)[number]>): TenantCsvRow {
  const clientId = cell('client_id');
  const { key, problem } = readPublicKey(cell('public_key'));
  const quota = readQuota(cell('quota'));
  const named = clientIdSchema.safeParse(clientId).success;
  return {
    line,
    clientId: shorten(clientId, 64),
    publicKey: key === null ? '' : cell('public_key'),
    fingerprint: key?.fingerprint ?? null,
    quota: quota.quota,
    writtenQuota: shorten(cell('quota'), 8),
    problems: [
      named ? null : describeClientId(clientId),
      problem === null ? null : `not a valid public key: ${problem}`,
      quota.problem,
    ].flatMap((problem) => problem ?? []),
  };
}

/** Adds a problem to each row that repeats the name or key of an earlier row. */
function addRepetitionProblems(rows: readonly TenantCsvRow[]): TenantCsvRow[] {
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

/**
 * Reads a CSV file of tenants, each row with its problems. Pure, and never throws. The header may list the columns in any
 * order; `quota` is optional, and unknown columns are ignored.
 */
export function readTenantCsv(file: string): TenantCsv {
  const csv = readCsvFile(file, {
    columns: columnNames,
    synonyms,
    required: ['client_id', 'public_key'],
    noun: 'tenants',
    maxRecords: maxCsvTenants,
    maxLength: maxTenantCsv,
  });
  if (csv.problem !== null) return { rows: [], ignored: [], problem: csv.problem };
  return { rows: addRepetitionProblems(csv.records.map(readRow)), ignored: csv.ignored, problem: null };
}
