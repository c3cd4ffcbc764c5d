import { findSpreadsheetChange, readCsvFile } from '../../base/csvFile.ts';
import { withLookAlike } from '../../base/lookAlikes.ts';
import { readWrittenPath } from '../../base/writtenPath.ts';
import { defaultSshPort, readAddress } from './address.ts';
import type { ImportCandidate, ImportedHop } from './importCandidate.ts';
import { maxImportedAppliances } from './importRow.ts';

export const maxApplianceCsv = 1024 * 1024;

const columns = ['name', 'address', 'group', 'cluster', 'tags', 'description', 'key_file', 'jump'] as const;

const synonyms = {
  name: ['appliance', 'appliance_name'],
  address: ['host', 'host_name', 'hostname', 'target', 'ssh', 'ssh_address', 'user@host', 'user@host[:port]'],
  tags: ['tag', 'labels', 'label'],
  description: ['comment', 'note', 'notes'],
  key_file: ['key', 'keyfile', 'identity', 'identity_file', 'identityfile', 'ssh_key'],
  jump: ['jumps', 'jump_host', 'jump_hosts', 'jumphost', 'proxy_jump', 'proxyjump', 'bastion'],
} as const;

/** Why an address can't be read. */
function describeAddress(what: string, text: string): string {
  const change = findSpreadsheetChange(text);
  return change === null
    ? withLookAlike(`${what} is not of the form USER@HOST[:PORT]`, text)
    : `${what}: ${change}`;
}

function parseHop(text: string, keyFile: string | null): ImportedHop | null {
  const address = readAddress(text);
  if (address === null || address.user === null) return null;
  return { host: address.host, user: address.user, port: address.port ?? defaultSshPort, keyFile };
}

const isHop = (hop: ImportedHop | null): hop is ImportedHop => hop !== null;

/**
 * Reads a file of appliances. Several jump hosts or tags are separated by semicolons or commas. If a column is missing,
 * that field of an existing entry stays unchanged; an empty cell clears it, except `key_file`. Pure, and never throws.
 */
export function readApplianceCsv(
  file: string,
  name = 'CSV',
): { candidates: ImportCandidate[]; problems: string[] } {
  const csv = readCsvFile(file, {
    columns,
    synonyms,
    required: ['name', 'address'],
    noun: 'appliances',
    maxRecords: maxImportedAppliances,
    maxLength: maxApplianceCsv,
  });
  if (csv.problem !== null) return { candidates: [], problems: [csv.problem] };
  const candidates = csv.records.map(({ line, cell }): ImportCandidate => {
    const path = readWrittenPath(cell('key_file'));
    const keyFile = path === '' ? null : path;
    const target = parseHop(cell('address'), keyFile);
    const splitList = (column: 'jump' | 'tags') =>
      cell(column)
        .split(/[;,]/u)
        .map((part) => part.trim())
        .filter((part) => part !== '');
    const jumps = splitList('jump').map((text) => parseHop(text, keyFile));
    const ifColumn = <Field>(column: (typeof columns)[number], field: Field) =>
      csv.columns.has(column) ? field : {};
    return {
      place: `${name}, line ${line}`,
      name: cell('name'),
      target,
      jumps: csv.columns.has('jump') ? jumps.filter(isHop) : null,
      fields: {
        ...ifColumn('group', { group: cell('group') }),
        ...ifColumn('cluster', { cluster: cell('cluster') }),
        ...ifColumn('tags', { tags: splitList('tags') }),
        ...ifColumn('description', { description: cell('description') }),
      },
      problems: [
        ...(target === null ? [describeAddress('the address', cell('address'))] : []),
        ...(jumps.every(isHop) ? [] : [describeAddress('a jump host', cell('jump'))]),
      ],
    };
  });
  const ignored = csv.ignored.length === 0 ? [] : [`Ignored columns: ${csv.ignored.join(', ')}.`];
  return { candidates, problems: ignored };
}
