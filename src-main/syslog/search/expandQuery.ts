import { matchesWildcard } from '../../../src-shared/base/wildcard.ts';
import { foldCase, type LogQuery } from '../../../src-shared/model/syslog/query/logQuery.ts';
import type { KnownTenant } from '../../../src-shared/model/syslog/tenantJoin/namedInLine.ts';
import { portQuery } from './portPattern.ts';
import type { KeySession } from './sessionsOfKeys.ts';

/** What is known about an appliance that is searched. */
export type SearchedAppliance = {
  name: string;
  tenants: readonly KnownTenant[];
  sessions: readonly KeySession[];
};

/** Sessions of one tenant that a query names; of more, the newest **[ours]**. */
const maxSessions = 200;

const or = (nodes: LogQuery[]): LogQuery => (nodes.length === 0 ? nothing : { kind: 'or', nodes });
const nothing: LogQuery = { kind: 'not', node: { kind: 'all' } };

type TenantTest = { op: '=' | '~'; value: string };

function ofProgram(op: '=' | '~', value: string): LogQuery {
  return { kind: 'field', field: 'program', op, value };
}

/** The lines of one session: those of its process, and those of any process that name its connection. */
function sessionQuery({ pid, peer, from, to }: KeySession): LogQuery {
  const within: LogQuery[] = [
    { kind: 'field', field: 'time', op: '>=', value: from - 1 },
    ...(to === null ? [] : [{ kind: 'field', field: 'time', op: '<', value: to } as const]),
  ];
  const ofSession: LogQuery[] = [
    { kind: 'field', field: 'pid', op: '=', value: pid },
    ...(peer === null ? [] : [{ kind: 'text', text: peer } as const]),
  ];
  return { kind: 'and', nodes: [ofProgram('~', 'sshd*'), or(ofSession), ...within] };
}

function tenantQuery(tenant: KnownTenant, { name, sessions }: SearchedAppliance): LogQuery {
  const own = sessions.filter(({ fingerprint }) => tenant.fingerprints.includes(fingerprint));
  return {
    kind: 'and',
    nodes: [
      { kind: 'field', field: 'appliance', op: '=', value: name },
      or([
        { kind: 'word', text: tenant.clientId },
        ...tenant.fingerprints.map((text): LogQuery => ({ kind: 'text', text })),
        ...tenant.ports.map(({ first, last }) => portsQuery(first, last)),
        ...own.slice(-maxSessions).map(sessionQuery),
      ]),
    ],
  };
}

function portsQuery(first: number, last: number): LogQuery {
  if (first === last) return portQuery('=', first) ?? nothing;
  const parts = [portQuery('>=', first), portQuery('<=', last)];
  return { kind: 'and', nodes: parts.map((part) => part ?? nothing) };
}

function expandTenant({ op, value }: TenantTest, appliances: readonly SearchedAppliance[]): LogQuery {
  const folded = foldCase(value);
  const isMatch = (clientId: string) =>
    op === '=' ? foldCase(clientId) === folded : matchesWildcard(foldCase(clientId), folded);
  const known = appliances.flatMap((appliance) =>
    appliance.tenants
      .filter(({ clientId }) => isMatch(clientId))
      .map((tenant) => tenantQuery(tenant, appliance)),
  );
  // A tenant that was removed is still named in old lines.
  return known.length > 0 || op === '~' ? or(known) : { kind: 'word', text: value };
}

/** Whether a query tests tenants, so that their sessions must be known. */
export function hasTenantTest(query: LogQuery): boolean {
  switch (query.kind) {
    case 'and':
    case 'or':
      return query.nodes.some(hasTenantTest);
    case 'not':
      return hasTenantTest(query.node);
    case 'field':
      return query.field === 'tenant';
    default:
      return false;
  }
}

/**
 * Replaces tests of tenants and ports by what lines contain: names, keys, the processes and connections of sessions, and
 * ports. The store knows only lines.
 */
export function expandQuery(query: LogQuery, appliances: readonly SearchedAppliance[]): LogQuery {
  switch (query.kind) {
    case 'and':
    case 'or':
      return { kind: query.kind, nodes: query.nodes.map((node) => expandQuery(node, appliances)) };
    case 'not':
      return { kind: 'not', node: expandQuery(query.node, appliances) };
    case 'field':
      if (query.field === 'tenant') return expandTenant(query, appliances);
      if (query.field === 'port') return portQuery(query.op, query.value) ?? nothing;
      return query;
    default:
      return query;
  }
}
