import { findSpreadsheetChange, readCsvFile } from '../../base/csvFile.ts';
import { withLookAlike } from '../../base/lookAlikes.ts';
import { readWrittenPath } from '../../base/writtenPath.ts';
import { bracketedHost, defaultSshPort, readAddress } from './address.ts';
import { connectModeNames, type ConnectMode } from './connectModeNames.ts';
import type { ImportCandidate, ImportedHop } from './importCandidate.ts';
import { maxImportedAppliances } from './importRow.ts';

export const maxApplianceCsv = 1024 * 1024;

const columns = [
  'name',
  'address',
  'user',
  'port',
  'group',
  'cluster',
  'tags',
  'description',
  'key_file',
  'jump',
  'credential',
  'connect',
] as const;

const synonyms = {
  name: ['appliance', 'appliance_name'],
  address: ['host', 'host_name', 'hostname', 'target', 'ssh', 'ssh_address', 'user@host', 'user@host[:port]'],
  user: ['username', 'user_name', 'login', 'ssh_user'],
  port: ['ssh_port'],
  tags: ['tag', 'labels', 'label'],
  description: ['comment', 'note', 'notes'],
  key_file: ['key', 'keyfile', 'identity', 'identity_file', 'identityfile', 'ssh_key'],
  jump: ['jumps', 'jump_host', 'jump_hosts', 'jumphost', 'proxy_jump', 'proxyjump', 'bastion'],
  credential: ['credentials', 'named_credential'],
  connect: ['connection', 'connect_mode'],
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

/**
 * The address with what it lacks of the columns `user` and `port`. Unchanged if it can't be read, or if the columns
 * have nothing more.
 */
function completeAddress(text: string, { user, port }: { user: string; port: string }): string {
  const address = readAddress(text);
  if (address === null) return text;
  const own = address.user ?? user;
  const number = address.port ?? port.replace(/[.,]0{1,2}$/u, '');
  return `${own === '' ? '' : `${own}@`}${bracketedHost(address.host)}${number === '' ? '' : `:${number}`}`;
}

/** `On demand` is `on-demand`. An empty cell is the default. Undefined if it is no mode. */
function readConnect(cell: string): ConnectMode | undefined {
  const word = cell.trim().toLowerCase().replaceAll(/[ _]/gu, '-');
  return word === '' ? 'always' : connectModeNames.find((name) => name === word);
}

const isHop = (hop: ImportedHop | null): hop is ImportedHop => hop !== null;

/**
 * Reads a file of appliances. Several jump hosts or tags are separated by semicolons or commas. If a column is missing,
 * that field of an existing entry stays unchanged; an empty cell clears it, except `key_file`. The
 * user and the port may be columns of their own. Pure, and never throws.
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
    const written = completeAddress(cell('address'), { user: cell('user'), port: cell('port') });
    const target = parseHop(written, keyFile);
    const connect = readConnect(cell('connect'));
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
      ...ifColumn('credential', { credential: cell('credential') === '' ? null : cell('credential') }),
      fields: {
        ...ifColumn('group', { group: cell('group') }),
        ...ifColumn('cluster', { cluster: cell('cluster') }),
        ...ifColumn('tags', { tags: splitList('tags') }),
        ...ifColumn('description', { description: cell('description') }),
        ...(connect === undefined ? {} : ifColumn('connect', { connect })),
      },
      problems: [
        ...(target === null ? [describeAddress('the address', written)] : []),
        ...(jumps.every(isHop) ? [] : [describeAddress('a jump host', cell('jump'))]),
        ...(connect === undefined ? [`connect is neither ${connectModeNames.join(' nor ')}`] : []),
      ],
    };
  });
  const ignored = csv.ignored.length === 0 ? [] : [`Ignored columns: ${csv.ignored.join(', ')}.`];
  return { candidates, problems: ignored };
}
