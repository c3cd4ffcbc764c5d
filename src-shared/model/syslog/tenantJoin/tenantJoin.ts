import { hasPort } from '../../tenants/ports.ts';
import { createBoundedMap } from '../../../base/boundedMap.ts';
import {
  findFingerprints,
  findNamedPorts,
  findNamedTenants,
  findPeer,
  isOfKit,
  isOfSshd,
  type JoinLine,
  type KnownTenant,
} from './namedInLine.ts';

/** How many processes and connections are remembered per appliance: more than it can have at once **[ours]**. */
const maxProcesses = 4096;

/** Why a line belongs to a tenant, strongest first. */
export const joinReasons = ['name', 'key', 'process', 'connection', 'port'] as const;
export type JoinReason = (typeof joinReasons)[number];

/** The tenants and ports that a line is about; `reason` is null if there is no tenant. */
export type TenantsOfLine = { tenants: string[]; ports: number[]; reason: JoinReason | null };

/** What the join has learned, to go on after a restart. */
export type TenantJoinState = {
  processes: readonly (readonly [pid: number, clientId: string])[];
  connections: readonly (readonly [peer: string, clientId: string])[];
  peers: readonly (readonly [pid: number, peer: string])[];
  portOwners: readonly (readonly [port: number, clientId: string])[];
};

const beginsConnection = /^(?:Accepted|Connection from) /u;
/** Begins a connection only if the process served another one before. */
const belongsToLogin = /^(?:Failed|Invalid user) /u;
const childPattern = /^User child is on pid (\d{1,10})/u;
const openedPattern = /^forward opened: tenant ([a-z0-9][a-z0-9._-]{0,62}), port (\d{1,5}),/u;
const bootPattern = /^(?:\[ *0\.0{6}\] )?Linux version \d/u;

/**
 * Joins the lines of one appliance to its tenants. Call `add` with every line in order: sshd names a tenant's key once, at
 * the login, and later lines only its process and connection. Memory is bounded.
 *
 * A port's owner is who the kit said opened it last, or else who has it now, so old lines of a port that changed its
 * tenant may be joined to the new one.
 */
export function createTenantJoin(known: readonly KnownTenant[], state?: TenantJoinState) {
  let tenants = indexTenants(known);
  const processes = createBoundedMap<number, string>(maxProcesses, state?.processes);
  const connections = createBoundedMap<string, string>(maxProcesses, state?.connections);
  /** The connection that a process serves, whether it has a tenant or not yet. */
  const peers = createBoundedMap<number, string>(maxProcesses, state?.peers);
  const portOwners = createBoundedMap<number, string>(maxProcesses, state?.portOwners);

  /** A new connection, of a tenant that is not known yet. */
  function begin({ pid }: JoinLine, peer: string | null): void {
    if (peer !== null) connections.delete(peer);
    if (pid === null) return;
    processes.delete(pid);
    if (peer === null) peers.delete(pid);
    else peers.set(pid, peer);
  }

  function learn(line: JoinLine, written: string | null, clientId: string): void {
    if (!isOfSshd(line) || line.pid === null) return;
    const peer = written ?? peers.get(line.pid);
    const child = childPattern.exec(line.message)?.[1];
    for (const pid of child === undefined ? [line.pid] : [line.pid, Number(child)]) {
      processes.set(pid, clientId);
      if (peer !== undefined) peers.set(pid, peer);
    }
    if (peer !== undefined) connections.set(peer, clientId);
  }

  function findOwner(port: number): string | undefined {
    return portOwners.get(port) ?? tenants.list.find(({ ports }) => hasPort(ports, port))?.clientId;
  }

  /** The tenant of a line of sshd that names none: by its key, process or connection. */
  function findBySession(
    line: JoinLine,
    peer: string | null,
  ): { clientId: string; reason: JoinReason } | null {
    const key = findFingerprints(line.message)
      .map((fingerprint) => tenants.byFingerprint.get(fingerprint))
      .find((clientId) => clientId !== undefined);
    if (key !== undefined) return { clientId: key, reason: 'key' };
    if (!isOfSshd(line)) return null;
    // Process numbers and ports of clients are reused, so a new connection ends what they meant.
    const served = line.pid === null ? undefined : peers.get(line.pid);
    const isOther = peer !== null && served !== peer;
    if (beginsConnection.test(line.message) || (isOther && belongsToLogin.test(line.message))) {
      begin(line, peer);
      return null;
    }
    const connection = peer === null ? undefined : connections.get(peer);
    if (connection !== undefined) return { clientId: connection, reason: 'connection' };
    const process = line.pid === null ? undefined : processes.get(line.pid);
    // Another connection has the number of the process now.
    return process === undefined || (isOther && served !== undefined)
      ? null
      : { clientId: process, reason: 'process' };
  }

  function noteFacts(line: JoinLine): void {
    if (line.program === 'kernel' && bootPattern.test(line.message)) {
      processes.clear();
      peers.clear();
      connections.clear();
    }
    const opened = isOfKit(line) ? openedPattern.exec(line.message) : null;
    if (opened?.[1] !== undefined) portOwners.set(Number(opened[2]), opened[1]);
  }

  return {
    /** Replaces what is known about the tenants. What was learned from lines stays. */
    setTenants: (list: readonly KnownTenant[]): void => {
      tenants = indexTenants(list);
    },
    add: (line: JoinLine): TenantsOfLine => {
      noteFacts(line);
      const peer = isOfSshd(line) ? findPeer(line.message) : null;
      const ports = findNamedPorts(line);
      const session = findBySession(line, peer);
      if (session !== null) learn(line, peer, session.clientId);
      const named = findNamedTenants(line, tenants.has);
      if (named.length > 0) return { tenants: named, ports, reason: 'name' };
      if (session !== null) return { tenants: [session.clientId], ports, reason: session.reason };
      const owners = [...new Set(ports.flatMap((port) => findOwner(port) ?? []))];
      return { tenants: owners, ports, reason: owners.length === 0 ? null : 'port' };
    },
    state: (): TenantJoinState => ({
      processes: processes.entries(),
      connections: connections.entries(),
      peers: peers.entries(),
      portOwners: portOwners.entries(),
    }),
  };
}

function indexTenants(list: readonly KnownTenant[]) {
  const names = new Set(list.map(({ clientId }) => clientId));
  return {
    list,
    has: (clientId: string) => names.has(clientId),
    byFingerprint: new Map(
      list.flatMap(({ clientId, fingerprints }) => fingerprints.map((print) => [print, clientId] as const)),
    ),
  };
}
