import { hasPort } from '../../../src-shared/model/tenants/ports.ts';
import { forgetLogin, loadSeenSession, saveSeenSession, type LoginRecord } from '../sessions/loginRecords.ts';
import { silentSince } from '../sessions/registrarProtocol.ts';
import {
  forgetRegistrarRecord,
  loadRegistrarRecords,
  type RegistrarRecord,
} from '../sessions/registrarRecords.ts';
import { readListeningTime } from '../sessions/serviceRecord.ts';
import { loadSessionEnd, unknownEndReason, saveSessionEnd } from '../sessions/sessionRecords.ts';
import { findConnections, type Connection, type Orphan, type ProcfsParts } from './connections.ts';
import {
  readSocketInodes,
  readStat,
  readTcpSockets,
  sshdNames,
  type ProcessStat,
  type TcpSocket,
} from './procfs.ts';
import { describeHolders } from './listenerHolders.ts';
import type { ObservedListener, ObservedSession } from './runtime.ts';
import { readTcpTimes, findSilentSince, type TcpTimes } from './tcpTimes.ts';

/**
 * Listening addresses that accept connections to 127.0.0.1 or `localhost`. All forwards use one of them.
 */
const reachedAtLoopback: ReadonlySet<string> = new Set(['127.0.0.1', '::1', '0.0.0.0', '::']);

/** A session. `registrar` is absent for plain OpenSSH. `peer` is absent while its socket is closing. */
type FoundSession = {
  record: LoginRecord;
  session: ProcessStat;
  isOrphaned: boolean;
  peer: TcpSocket | undefined;
  registrar: RegistrarRecord | undefined;
};

/**
 * Records the ends of sessions that the registrar didn't record. The registrar records an end immediately;
 * this finds it at the next observation.
 */
async function recordSessionEnds(parts: ProcfsParts, records: readonly LoginRecord[]): Promise<void> {
  const { runFolder } = parts.config;
  for (const record of records) {
    const seen = loadSeenSession(runFolder, record);
    const kept = { runFolder, clientId: record.clientId };
    const known = await loadSessionEnd(kept);
    if (seen !== null && (known === null || known.endedAt < record.at)) {
      const endedAt = new Date(parts.now()).toISOString();
      const { peerAddress, peerPort } = seen;
      const ending = { endedAt, peerAddress, peerPort, reason: unknownEndReason };
      try {
        await saveSessionEnd({ ...kept, ending, endedBy: 'other' });
      } catch {
        // The run folder may be full. Sessions must be listed anyway; a later command records the end.
        continue;
      }
    }
    forgetLogin(runFolder, record.monitorPid);
  }
}

async function liveRegistrars(
  { config, procFolder }: ProcfsParts,
  processes: readonly ProcessStat[],
): Promise<RegistrarRecord[]> {
  const live: RegistrarRecord[] = [];
  for (const record of loadRegistrarRecords(config.runFolder)) {
    const { sessionPid, sessionStartTicks } = record;
    const isSame = ({ pid, startTicks }: ProcessStat) =>
      pid === sessionPid && startTicks === sessionStartTicks;
    // A session that began after the processes were read keeps its record.
    const found = processes.find(isSame) ?? (await readStat(sessionPid, procFolder));
    if (found !== null && isSame(found)) live.push(record);
    else forgetRegistrarRecord(config.runFolder, sessionPid);
  }
  return live;
}

/** Whether the parent of a session is its monitor. Init adopts a process whose parent died. */
function hasMonitor({ parent }: ProcessStat, processes: readonly ProcessStat[]): boolean {
  return processes.some(({ pid, name }) => pid === parent && pid > 1 && sshdNames.has(name));
}

async function findSessions(
  parts: ProcfsParts,
  seen: {
    connections: readonly Connection[];
    orphans: readonly Orphan[];
    processes: readonly ProcessStat[];
    sockets: readonly TcpSocket[];
    registrars: readonly RegistrarRecord[];
  },
): Promise<FoundSession[]> {
  const established = new Map(
    seen.sockets.filter(({ state }) => state === 'established').map((socket) => [socket.inode, socket]),
  );
  const found: FoundSession[] = [];
  for (const connection of [...seen.connections, ...seen.orphans]) {
    const { record, session } = connection;
    if (session === null) continue;
    const isOrphaned = !('monitor' in connection) && !hasMonitor(session, seen.processes);
    // The monitor and its session share the connection's socket.
    const holder = 'monitor' in connection ? connection.monitor : session;
    const inodes = await readSocketInodes(holder.pid, parts.procFolder);
    const peer = [...inodes].map((inode) => established.get(inode)).find((socket) => socket !== undefined);
    saveSeenSession(parts.config.runFolder, record, {
      sessionPid: session.pid,
      sessionStartTicks: session.startTicks,
      peerAddress: peer?.remoteAddress ?? null,
      peerPort: peer?.remotePort ?? null,
    });
    const registrar = seen.registrars.find(({ sessionPid }) => sessionPid === session.pid);
    found.push({ record, session, isOrphaned, peer, registrar });
  }
  return found;
}

/** A list says nothing about the sending while it may still turn out to be stalled. */
const describeSending = ({ sending }: TcpTimes) =>
  sending === 'pending' ? { isSendingPending: true } : { isSendingStalled: sending === 'stalled' };

function describeSession(
  parts: ProcfsParts,
  { record, session, isOrphaned, peer, registrar }: FoundSession,
  seen: { times: TcpTimes | undefined; listening: { from: number; until: number } },
): ObservedSession {
  const lastHeartbeatAt = registrar?.lastHeartbeatAt ?? null;
  const now = parts.now();
  const { times, listening } = seen;
  const unanswered =
    times === undefined ? null : findSilentSince(times, parts.config.clientAliveSeconds, now);
  return {
    clientId: record.clientId,
    permittedPorts: record.ports,
    pid: session.pid,
    startTicks: session.startTicks,
    kind: registrar?.connectVersion == null ? 'plain' : 'connect',
    peerAddress: peer?.remoteAddress ?? null,
    peerPort: peer?.remotePort ?? null,
    since: record.at,
    // Unknown for an adopted session.
    keyFingerprint: record.fingerprint === '' ? null : record.fingerprint,
    connectVersion: registrar?.connectVersion ?? null,
    lastHeartbeatAt,
    silentSince: silentSince(lastHeartbeatAt, listening) ?? unanswered,
    ...(isOrphaned ? { isOrphaned } : {}),
    ...(times === undefined ? {} : describeSending(times)),
  };
}

async function findListeners(
  { config, procFolder }: ProcfsParts,
  seen: {
    sockets: readonly TcpSocket[];
    processes: readonly ProcessStat[];
    sessions: readonly ObservedSession[];
    connectUserId: number | null;
  },
): Promise<ObservedListener[]> {
  const listening = seen.sockets.filter(
    ({ state, localAddress, localPort }) =>
      state === 'listening' &&
      (reachedAtLoopback.has(localAddress) || localAddress === config.listenAddress) &&
      hasPort([config.portRange], localPort),
  );
  const holders = new Map<string, number>();
  // Search the sessions first. On a healthy appliance they hold all ports, so the other processes needn't be
  // searched.
  for (const { pid } of [...seen.sessions, ...seen.processes]) {
    if (listening.every(({ inode }) => holders.has(inode))) break;
    for (const inode of await readSocketInodes(pid, procFolder))
      if (!holders.has(inode)) holders.set(inode, pid);
  }
  const sessionPids = new Set(seen.sessions.map(({ pid }) => pid));
  const processes = new Map(seen.processes.map((process) => [process.pid, process]));
  const foreign = listening.flatMap((socket) => {
    const pid = holders.get(socket.inode);
    if (pid !== undefined && sessionPids.has(pid)) return [];
    return [{ socket, process: pid === undefined ? null : (processes.get(pid) ?? null) }];
  });
  const described = await describeHolders(foreign, { connectUserId: seen.connectUserId, procFolder });
  return listening.map(({ localPort, localAddress, inode }) => ({
    port: localPort,
    address: localAddress,
    pid: holders.get(inode) ?? null,
    ...(described.has(inode) ? { holder: described.get(inode) } : {}),
  }));
}

/**
 * All sessions and listeners of all tenants. Also records the ends of sessions that the registrar did not
 * see.
 */
export async function observeSessions(parts: ProcfsParts) {
  const { processes, connections, orphans, ended, userId } = await findConnections(parts);
  await recordSessionEnds(parts, ended);
  const sockets = await readTcpSockets(parts.procFolder);
  const registrars = await liveRegistrars(parts, processes);
  const found = await findSessions(parts, { connections, orphans, processes, sockets, registrars });
  const serverPorts = new Set(found.flatMap(({ peer }) => (peer === undefined ? [] : [peer.localPort])));
  const times = await readTcpTimes(serverPorts);
  const listening = await readListeningTime(parts.config.runFolder, parts.now());
  const sessions = found.map((session) =>
    describeSession(parts, session, { times: times.get(session.peer?.inode ?? ''), listening }),
  );
  return {
    sessions,
    listeners: await findListeners(parts, { sockets, processes, sessions, connectUserId: userId }),
  };
}
