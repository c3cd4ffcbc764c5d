import { parseSyslogLine } from '../../../src-shared/model/syslog/syslogParse.ts';
import { hasPort } from '../../../src-shared/model/tenants/ports.ts';
import {
  findFingerprints,
  findNamedPorts,
  findNamedTenants,
  findPeer,
  isOfSshd,
  type KnownTenant,
} from '../../../src-shared/model/syslog/tenantJoin/namedInLine.ts';
import type { FoundLine } from '../store/search/foundLine.ts';
import type { KeySession } from './sessionsOfKeys.ts';

/** The session that wrote a line of sshd, or whose connection it names. */
function findSession(
  { pid, peer, at }: { pid: number | null; peer: string | null; at: number },
  sessions: readonly KeySession[],
): KeySession | undefined {
  const then = sessions.filter(({ from, to }) => from - 1 <= at && (to === null || at < to));
  return (
    then.findLast((one) => one.peer !== null && one.peer === peer) ?? then.findLast((one) => one.pid === pid)
  );
}

/** The tenants of a line: those that it names, or else that of its key, its session, or its port. */
export function findTenantsOf(
  { text, arrival, time }: Pick<FoundLine, 'text' | 'arrival' | 'time'>,
  tenants: readonly KnownTenant[],
  sessions: readonly KeySession[],
): string[] {
  const parsed = parseSyslogLine(text, arrival);
  const names = new Set(tenants.map(({ clientId }) => clientId));
  const named = findNamedTenants(parsed, (clientId) => names.has(clientId));
  if (named.length > 0) return named;
  const session = isOfSshd(parsed)
    ? findSession({ pid: parsed.pid, peer: findPeer(parsed.message), at: time }, sessions)
    : undefined;
  const [key = session?.fingerprint] = findFingerprints(parsed.message);
  const owner = tenants.find(({ fingerprints }) => key !== undefined && fingerprints.includes(key));
  if (owner !== undefined) return [owner.clientId];
  const ports = findNamedPorts(parsed);
  return tenants
    .filter((tenant) => ports.some((port) => hasPort(tenant.ports, port)))
    .map(({ clientId }) => clientId);
}
