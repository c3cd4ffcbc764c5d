import { z } from 'zod';
import { instantSchema } from '../../base/time.ts';
import { portSchema } from '../tenants/ports.ts';
import type { Tenant } from '../tenants/remoteNetworks.ts';

const bytes = z.int().nonnegative();

/**
 * What the appliance's kernel counted for a tenant's sockets. It counts each connection from its start, and forgets it when it
 * ends, so that a port without connections has no bytes. Measured on request only, because it starts a program.
 */
export const trafficSchema = z.object({
  measuredAt: instantSchema,
  /** The connections to each forwarded port that are open now. Ports that nothing listens on are left out. */
  ports: z.array(
    z.object({
      port: portSchema,
      connections: z.int().nonnegative(),
      toSiteBytes: bytes,
      fromSiteBytes: bytes,
    }),
  ),
  /** The SSH connections of the tenant since they began: all ports together, encrypted. */
  sessions: z.array(
    z.object({
      pid: z.int().nonnegative(),
      since: instantSchema,
      toSiteBytes: bytes,
      fromSiteBytes: bytes,
    }),
  ),
  /** Ports that were not measured, because the tenant has too many. */
  omittedPorts: z.int().nonnegative(),
});
export type Traffic = z.infer<typeof trafficSchema>;

type MeasuredTenant = Pick<Tenant, 'sessions' | 'forwards'>;

/** So many ports are measured at once **[ours]**. */
const maxPorts = 256;

const portsOf = ({ forwards }: MeasuredTenant): number[] => [
  ...new Set(forwards.flatMap(({ port, listener }) => (listener === null ? [] : [port]))),
];

/** The command that lists the sockets of a tenant with their counters; null if it has none. */
export function buildSocketsCommand(tenant: MeasuredTenant): string[] | null {
  const parts = [
    ...portsOf(tenant)
      .slice(0, maxPorts)
      .map((port) => `sport = :${port}`),
    ...tenant.sessions.flatMap(({ peerPort }) => (peerPort === null ? [] : [`dport = :${peerPort}`])),
  ];
  return parts.length === 0 ? null : ['ss', '-Htni', 'state', 'established', `( ${parts.join(' or ')} )`];
}

type Endpoint = { address: string; port: number };
type Socket = { local: Endpoint; peer: Endpoint; received: number; sent: number };

/** Reads `127.0.0.1:2200`, `[::ffff:10.0.0.1]:22` or `[fe80::1]%eth0:22`. */
function readEndpoint(text: string): Endpoint | null {
  const [, address = '', port = ''] = /^(.+):(\d{1,5})$/u.exec(text) ?? [];
  const plain = address.replace(/%[^\]:]*/u, '').replace(/^\[(.*)\]$/u, '$1');
  return port === '' ? null : { address: plain.replace(/^::ffff:(?=\d+\.)/iu, ''), port: Number(port) };
}

function readCounter(text: string, name: string): number | null {
  const digits = new RegExp(` ${name}:(\\d{1,15})(?= |$)`, 'u').exec(text)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** Parses what `ss -Htni` prints: a line with the endpoints, and an indented one with the counters. */
export function parseSockets(text: string): Socket[] {
  const sockets: Socket[] = [];
  let ends: Pick<Socket, 'local' | 'peer'> | null = null;
  for (const line of text.split('\n')) {
    if (!/^\s/u.test(line)) {
      const [, , localText = '', peerText = ''] = line.trim().split(/\s+/u);
      const [local, peer] = [readEndpoint(localText), readEndpoint(peerText)];
      ends = local === null || peer === null ? null : { local, peer };
      continue;
    }
    if (ends === null) continue;
    const sent = readCounter(line, 'bytes_sent');
    // Older programs print only what was acknowledged. A counter of 0 is left out.
    const delivered =
      sent === null ? readCounter(line, 'bytes_acked') : sent - (readCounter(line, 'bytes_retrans') ?? 0);
    sockets.push({
      ...ends,
      received: readCounter(line, 'bytes_received') ?? 0,
      sent: Math.max(0, delivered ?? 0),
    });
    ends = null;
  }
  return sockets;
}

/** sshd has the accepted end of each connection: what it received there goes to the site. */
const sumAccepted = (sockets: readonly Socket[]) => ({
  toSiteBytes: sockets.reduce((total, { received }) => total + received, 0),
  fromSiteBytes: sockets.reduce((total, { sent }) => total + sent, 0),
});

/** What the sockets of a tenant passed. `text` is the output of its command; null if it has no sockets. */
export function readTraffic(tenant: MeasuredTenant, text: string | null, measuredAt: string): Traffic {
  const sockets = parseSockets(text ?? '');
  const ports = portsOf(tenant);
  return {
    measuredAt,
    ports: ports.slice(0, maxPorts).map((port) => {
      const own = sockets.filter(({ local }) => local.port === port);
      return { port, connections: own.length, ...sumAccepted(own) };
    }),
    sessions: tenant.sessions.flatMap(({ pid, since, peerAddress, peerPort }) => {
      const address = peerAddress?.replace(/^::ffff:(?=\d+\.)/iu, '');
      const own = sockets.find(({ peer }) => peer.port === peerPort && peer.address === address);
      return own === undefined ? [] : [{ pid, since, toSiteBytes: own.sent, fromSiteBytes: own.received }];
    }),
    omittedPorts: Math.max(0, ports.length - maxPorts),
  };
}
