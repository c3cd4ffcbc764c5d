import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { LogQuery } from '../../src-shared/model/syslog/query/logQuery.ts';
import { toErrorData } from '../../src-shared/errors.ts';
import type { Audit } from '../audit/audit.ts';
import { programVersion } from '../base/programVersion.ts';
import type { Configuration } from '../configuration/configuration.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Links } from '../links/links.ts';
import { formatLines } from '../syslog/export/exportLogs.ts';
import type { ReadingEngine } from '../syslog/export/readLines.ts';
import type { BundleFile } from './bundle.ts';

/** The parts of a support bundle. */
export const bundleParts = ['logs', 'status', 'configuration', 'audit'] as const;
export type BundlePart = (typeof bundleParts)[number];

/** Records of the audit trail that are read at once. */
const auditPage = 500;

/** What a bundle is about: `from` and `to` are epoch milliseconds, both included. */
export type BundleScope = {
  entries: readonly ApplianceEntry[];
  parts: readonly BundlePart[];
  query: LogQuery;
  from: number;
  to: number;
  /** Whether appliances may be asked. */
  isOnline: boolean;
};

type Sources = {
  fleet: Pick<Fleet, 'known' | 'remoteNetworks'>;
  links: Pick<Links, 'state'>;
  configuration: Pick<Configuration, 'show'>;
  audit: Pick<Audit, 'list'>;
  engine: () => ReadingEngine;
};

async function* textOf(text: string): AsyncGenerator<Uint8Array, void, void> {
  yield Buffer.from(text);
}
const json = (name: string, value: object): BundleFile => ({
  name,
  content: textOf(`${JSON.stringify(value, null, 2)}\n`),
});

function statusOf({ fleet, links }: Sources, { id, name }: ApplianceEntry): object {
  const { status, licence } = fleet.known(id);
  return {
    appliance: name,
    link: links.state(id),
    status: status ?? null,
    licence: licence ?? null,
    tenants: fleet.remoteNetworks(id),
  };
}

/** The trail of a time range, newest record first, as in the console. */
async function* auditLines(
  audit: Sources['audit'],
  { from, to }: BundleScope,
): AsyncGenerator<Uint8Array, void, void> {
  for (let before: number | null = null; ;) {
    const { records } = audit.list({ before, limit: auditPage, query: '' });
    const inRange = records.filter(({ at }) => Date.parse(at) >= from && Date.parse(at) <= to);
    yield Buffer.from(inRange.map((record) => `${JSON.stringify(record)}\n`).join(''));
    const last = records.at(-1);
    if (last === undefined || records.length < auditPage || Date.parse(last.at) < from) return;
    before = last.seq;
  }
}

/** The lines of a time range that match the query. */
const inRange = ({ query, from, to }: BundleScope): LogQuery => ({
  kind: 'and',
  nodes: [
    query,
    { kind: 'field', field: 'time', op: '>=', value: from },
    { kind: 'field', field: 'time', op: '<=', value: to },
  ],
});

/** Yields the files of a support bundle. What can't be had stands in `problems.json` with the reason. */
export async function* collectFiles(
  sources: Sources,
  scope: BundleScope,
): AsyncGenerator<BundleFile, void, void> {
  const { entries, parts } = scope;
  const problems: { appliance: string; part: BundlePart; code: string; message: string }[] = [];
  const { node, v8, openssl } = process.versions;
  yield json('versions.json', {
    sallyport: programVersion,
    node,
    v8,
    openssl,
    platform: process.platform,
    arch: process.arch,
    appliances: entries.map(({ id, name }) => ({
      name,
      versions: sources.fleet.known(id).status?.value.versions ?? null,
    })),
  });
  if (parts.includes('status'))
    yield json('status.json', { appliances: entries.map((entry) => statusOf(sources, entry)) });
  if (parts.includes('configuration') && scope.isOnline)
    for (const [index, entry] of entries.entries()) {
      try {
        const { shown } = await sources.configuration.show({ applianceId: entry.id, version: null });
        // The number is in place of the name, which redaction may hide.
        yield { name: `configuration-${index + 1}.yaml`, content: textOf(`# ${entry.name}\n${shown.text}`) };
      } catch (thrown) {
        const { code, message } = toErrorData(thrown);
        problems.push({ appliance: entry.name, part: 'configuration', code, message });
      }
    }
  if (parts.includes('audit')) yield { name: 'audit.jsonl', content: auditLines(sources.audit, scope) };
  if (parts.includes('logs')) {
    const appliances = Object.fromEntries(entries.map(({ id, name }) => [id, name]));
    const search = { query: inRange(scope), appliances };
    const { chunks } = formatLines({ engine: sources.engine(), search, redactor: null }, 'jsonl');
    yield { name: 'logs.jsonl', content: chunks() };
  }
  yield json('problems.json', { problems });
}
