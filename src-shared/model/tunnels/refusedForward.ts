import { z } from 'zod';
import { quoteText } from '../../base/machineText.ts';
import { formatRanges, hasPort, type PortRange } from '../tenants/ports.ts';
import type { Tenant } from '../tenants/remoteNetworks.ts';
import type { LogLine } from './proof.ts';

/** A forward that a client asked for and sshd refused, and what the client should ask for instead. */
export const refusedForwardSchema = z.object({
  /** E.g. `port 2241 on every address`. */
  asked: z.string().max(512),
  /** Why it was refused, e.g. `forwards may only listen on 127.0.0.1`. */
  reason: z.string().max(512),
  /** E.g. `127.0.0.1:2241`. Null if the tenant has no ports. */
  instead: z.string().max(64).nullable(),
  /** Whether the forward is permitted now, so that the client needs only a new session. */
  needsReconnect: z.boolean(),
});
export type RefusedForward = z.infer<typeof refusedForwardSchema>;

/** sshd's message about a refused forward. The host or path is what the client sent, and may be empty. */
const refusedPattern =
  /^Received request from (?<peer>\S+) port (?<peerPort>\d+) to remote forward to (?:host (?<host>.{0,100}?) port (?<port>-?\d{1,10})|path "(?<path>.{0,100})"), but the request was denied\.?$/u;

const everyAddress: ReadonlySet<string> = new Set(['', '*', '0.0.0.0', '::', '(null)']);
const loopback: ReadonlySet<string> = new Set(['localhost', '127.0.0.1']);

function describeAddress(host: string): string {
  if (everyAddress.has(host)) return ' on every address';
  if (loopback.has(host)) return '';
  return ` on the address ${/^[\da-f:.]{1,45}$/iu.test(host) ? host : quoteText(host)}`;
}

/** The ports, shortened, because a tenant may have thousands of blocks. */
const describePorts = (ports: readonly PortRange[]) =>
  ports.length === 0 ? 'none' : `${formatRanges(ports.slice(0, 3))}${ports.length > 3 ? ', …' : ''}`;

function describeRefused(
  { asked, host, port }: { asked: string; host: string | undefined; port: number },
  ports: readonly PortRange[],
): RefusedForward {
  if (hasPort(ports, port)) {
    // sshd permits what the tenant had at the login.
    const needsReconnect = host === '127.0.0.1';
    const reason = needsReconnect
      ? 'the session began before this port was allotted'
      : 'forwards may only listen on 127.0.0.1';
    return { asked, reason, instead: `127.0.0.1:${port}`, needsReconnect };
  }
  const first = ports[0]?.first;
  return {
    asked,
    reason: `the ports of this tenant are ${describePorts(ports)}`,
    instead: first === undefined ? null : `127.0.0.1:${first}`,
    needsReconnect: false,
  };
}

/**
 * The newest forward that sshd refused in a live session of the tenant, read from its log lines, oldest first.
 * Null if sshd refused nothing.
 */
export function findRefusedForward(lines: readonly LogLine[], tenant: Tenant): RefusedForward | null {
  const peers = new Set(tenant.sessions.map(({ peerAddress, peerPort }) => `${peerAddress} ${peerPort}`));
  for (const { parsed } of lines.toReversed()) {
    if (parsed.program?.startsWith('sshd') !== true) continue;
    const found = refusedPattern.exec(parsed.message)?.groups;
    if (found === undefined || !peers.has(`${found['peer']} ${found['peerPort']}`)) continue;
    const port = Number(found['port'] ?? -1);
    const name = port === 0 ? 'a port of the server’s choice (port 0)' : `port ${port}`;
    const asked =
      found['path'] === undefined
        ? `${name}${describeAddress(found['host'] ?? '')}`
        : `the socket ${quoteText(found['path'])}`;
    return describeRefused({ asked, host: found['host'], port }, tenant.ports);
  }
  return null;
}
