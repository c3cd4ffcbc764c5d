import { mapInBatches } from '../../../src-shared/base/batches.ts';
import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { AppError } from '../../../src-shared/errors.ts';
import { hasPort } from '../../../src-shared/model/tenants/ports.ts';
import { exceeds } from '../../../src-shared/model/tenants/allocation.ts';
import type { ApplianceConfig } from '../config.ts';
import { forgetLogIn, loadLogIns, loadSeen, markSeen, type LogInRecord } from '../sessions/logInRecords.ts';
import {
  isRunning,
  readProcesses,
  readSocketInodes,
  readStat,
  readTcpSockets,
  readUser,
  readUserId,
  sshdNames,
  type ProcessStat,
  type TcpSocket,
} from './procfs.ts';
import {
  forgetRegistrarRecord,
  loadRegistrarRecords,
  type RegistrarRecord,
} from '../sessions/registrarRecords.ts';
import { silentSince } from '../sessions/registrarProtocol.ts';
import type { ObservedListener, ObservedSession, Runtime, SessionSelection } from './runtime.ts';
import { readServiceState } from '../sessions/serviceRecord.ts';
import { loadEnding, plainEnding, saveEnding } from '../sessions/sessionRecords.ts';
import { readTcpTimes, unansweredSince, type TcpTimes } from './tcpTimes.ts';
import { systemErrorCode } from '../../../src-shared/node/systemErrorCode.ts';

const run = promisify(execFile);

/** How long a terminated sshd gets to write its last log line before it is killed: all of it stays below 1 s. */
const softTimeoutMs = 300;
/** A busy machine is slow to let a killed process go. To give up on it would call a change failed that was made. */
const hardTimeoutMs = 10_000;
const pollMs = 15;

/** Addresses at which a connection to 127.0.0.1, where all forwards are, or to `localhost` may arrive. */
const reachedAtLoopback: ReadonlySet<string> = new Set(['127.0.0.1', '::1', '0.0.0.0', '::']);

/** A connection that a tenant's key was accepted on: sshd's monitor, and its child once the log-in is done. */
type Connection = { record: LogInRecord; monitor: ProcessStat; session: ProcessStat | null };

/** A session whose monitor died: it serves nobody any more, yet it may hold its ports. Not a session to anybody. */
type Orphan = { record: LogInRecord; session: ProcessStat };

/** What is known of a session: for plain OpenSSH without a registrar, and without a peer once its socket is closing. */
type FoundSession = {
  record: LogInRecord;
  session: ProcessStat;
  peer: TcpSocket | undefined;
  registrar: RegistrarRecord | undefined;
};

type Snapshot = {
  processes: ProcessStat[];
  connections: Connection[];
  orphans: Orphan[];
  ended: LogInRecord[];
};

/**
 * Sees tenants' sessions behind a stock sshd without its help: the authorized-keys command recorded which monitor
 * process belongs to whom, and that monitor's child under the connect user is the session. This holds for `ssh -N`
 * too, which opens no session channel. Needs root to see and end other users' processes.
 */
export function createProcfsRuntime(parts: {
  config: Pick<
    ApplianceConfig,
    'runFolder' | 'connectUser' | 'portRange' | 'clientAliveSeconds' | 'listenAddress'
  >;
  now: () => number;
  /** Only for a measurement: another folder than `/proc`, of the same layout. */
  procFolder?: string;
}): Runtime {
  const { runFolder, connectUser, portRange, clientAliveSeconds, listenAddress } = parts.config;
  const { procFolder } = parts;

  /** The session that a command saw, or that came to the service with its ticket. */
  function knownSession(record: LogInRecord): { pid: number; startTicks: number } | null {
    const seen = loadSeen(runFolder, record);
    return seen === null ? record.session : { pid: seen.sessionPid, startTicks: seen.sessionStartTicks };
  }

  async function findConnections(): Promise<Snapshot> {
    const user = await readUserId(connectUser);
    if (user === null) throw new AppError('COMMAND_FAILED', `there is no system user ${connectUser}`);
    const records = readRecords(runFolder);
    const processes = await readProcesses(procFolder);
    const connections: Connection[] = [];
    const orphans: Orphan[] = [];
    const ended: LogInRecord[] = [];
    for (const record of records) {
      const monitor = processes.find(
        (one) => one.pid === record.monitorPid && one.startTicks === record.monitorStartTicks,
      );
      if (monitor === undefined) {
        const known = knownSession(record);
        const orphan = processes.find((one) => one.pid === known?.pid && one.startTicks === known.startTicks);
        if (orphan === undefined) ended.push(record);
        else orphans.push({ record, session: orphan });
        continue;
      }
      let session: ProcessStat | null = null;
      for (const child of processes.filter((one) => one.parent === monitor.pid))
        if ((await readUser(child.pid, procFolder)) === user) session = child;
      connections.push({ record, monitor, session });
    }
    return { processes, connections, orphans, ended };
  }

  /** The registrar tells of an end at once; where there was none, the first observation after it does. */
  async function recordEnds(records: readonly LogInRecord[]): Promise<void> {
    for (const record of records) {
      const seen = loadSeen(runFolder, record);
      const kept = { runFolder, clientId: record.clientId };
      const known = await loadEnding(kept);
      if (seen !== null && (known === null || known.endedAt < record.at)) {
        const endedAt = new Date(parts.now()).toISOString();
        const { peerAddress, peerPort } = seen;
        const ending = { endedAt, peerAddress, peerPort, reason: plainEnding };
        await saveEnding({ ...kept, ending, endedBy: 'other' });
      }
      forgetLogIn(runFolder, record.monitorPid);
    }
  }

  async function observe() {
    const { processes, connections, ended } = await findConnections();
    await recordEnds(ended);
    const sockets = await readTcpSockets(procFolder);
    const established = new Map(
      sockets.filter((one) => one.state === 'established').map((one) => [one.inode, one]),
    );
    const registrars = liveRegistrars(processes);
    const found: FoundSession[] = [];
    for (const { record, monitor, session } of connections) {
      if (session === null) continue;
      const inodes = await readSocketInodes(monitor.pid, procFolder);
      const peer = [...inodes].map((inode) => established.get(inode)).find((one) => one !== undefined);
      markSeen(runFolder, record, {
        sessionPid: session.pid,
        sessionStartTicks: session.startTicks,
        peerAddress: peer?.remoteAddress ?? null,
        peerPort: peer?.remotePort ?? null,
      });
      const registrar = registrars.find((one) => one.sessionPid === session.pid);
      found.push({ record, session, peer, registrar });
    }
    const serverPorts = new Set(found.flatMap(({ peer }) => (peer === undefined ? [] : [peer.localPort])));
    const times = await readTcpTimes(serverPorts);
    const sessions = found.map((one) => describeSession(one, times.get(one.peer?.inode ?? '')));
    const listeners = await findListeners({ sockets, processes, sessions });
    return { sessions, listeners };
  }

  function liveRegistrars(processes: readonly ProcessStat[]): RegistrarRecord[] {
    const live: RegistrarRecord[] = [];
    for (const record of loadRegistrarRecords(runFolder)) {
      const isLive = processes.some(
        (one) => one.pid === record.sessionPid && one.startTicks === record.sessionStartTicks,
      );
      if (isLive) live.push(record);
      else forgetRegistrarRecord(runFolder, record.sessionPid);
    }
    return live;
  }

  function describeSession(seen: FoundSession, times: TcpTimes | undefined): ObservedSession {
    const { record, session, peer, registrar } = seen;
    const lastHeartbeatAt = registrar?.lastHeartbeatAt ?? null;
    const now = parts.now();
    const unanswered = times === undefined ? null : unansweredSince(times, clientAliveSeconds, now);
    return {
      clientId: record.clientId,
      permittedPorts: record.ports,
      pid: session.pid,
      kind: registrar?.connectVersion == null ? 'plain' : 'connect',
      peerAddress: peer?.remoteAddress ?? null,
      peerPort: peer?.remotePort ?? null,
      since: record.at,
      keyFingerprint: record.fingerprint,
      connectVersion: registrar?.connectVersion ?? null,
      lastHeartbeatAt,
      silentSince: silentSince(lastHeartbeatAt, now) ?? unanswered,
    };
  }

  async function findListeners(seen: {
    sockets: readonly TcpSocket[];
    processes: readonly ProcessStat[];
    sessions: readonly ObservedSession[];
  }): Promise<ObservedListener[]> {
    const listening = seen.sockets.filter(
      (one) =>
        one.state === 'listening' &&
        (reachedAtLoopback.has(one.localAddress) || one.localAddress === listenAddress) &&
        hasPort([portRange], one.localPort),
    );
    const holders = new Map<string, number>();
    const missing = () => listening.some((one) => !holders.has(one.inode));
    // Sessions first: on a healthy appliance they hold every port, and no other process needs to be looked into.
    const order = [...seen.sessions.map((one) => one.pid), ...seen.processes.map((one) => one.pid)];
    for (const pid of order) {
      if (!missing()) break;
      for (const inode of await readSocketInodes(pid, procFolder))
        if (!holders.has(inode)) holders.set(inode, pid);
    }
    return listening.map((one) => ({
      port: one.localPort,
      address: one.localAddress,
      pid: holders.get(one.inode) ?? null,
    }));
  }

  async function endSessions(which: SessionSelection): Promise<number> {
    const { processes, connections, orphans } = await findConnections();
    const chosen: Connection[] = [];
    for (const connection of connections) {
      const { record, session } = connection;
      if (record.clientId !== which.clientId) continue;
      if (which.keepFingerprints?.includes(record.fingerprint) === true) continue;
      // sshd lets a session listen on nothing but what its log-in was permitted.
      if (session !== null && which.beyondPorts !== undefined && !exceeds(record.ports, which.beyondPorts))
        continue;
      // A log-in under way (no session yet) may carry a permission from before the change: it starts over.
      chosen.push(connection);
    }
    const left = orphans.filter(({ record }) => record.clientId === which.clientId);
    const sessions = [
      ...chosen.flatMap(({ monitor, session }) => (session === null ? [] : [monitor, session])),
      ...left.map(({ session }) => session),
    ];
    const underWay = chosen.flatMap(({ monitor, session }) => (session === null ? [monitor] : []));
    await terminate([...sessions, ...descendantsOfAll(processes, sessions)]);
    await cutOff(underWay);
    for (const { record } of [...chosen, ...left]) forgetLogIn(runFolder, record.monitorPid);
    return chosen.filter(({ session }) => session !== null).length;
  }

  async function endListener({ port, pid }: { port: number; pid: number }): Promise<boolean> {
    const user = await readUserId(connectUser);
    const holder = await readStat(pid);
    // Nobody else may be ended from here, whoever sits on a tenant's port: not init, not another service.
    if (holder === null || !sshdNames.has(holder.name) || (await readUser(pid)) !== user) return false;
    const inodes = await readSocketInodes(pid);
    const holds = (await readTcpSockets()).some(
      (one) => one.state === 'listening' && one.localPort === port && inodes.has(one.inode),
    );
    if (!holds) return false;
    await terminate([holder]);
    return true;
  }

  async function services() {
    const processes = await readProcesses();
    const stateOf = (name: string) => findDaemon(processes, name);
    return [stateOf('sshd'), stateOf('rsyslogd'), await readServiceState(runFolder, parts.now())];
  }

  return { observe, endSessions, endListener, services, sshdVersion };
}

function readRecords(runFolder: string): LogInRecord[] {
  try {
    return loadLogIns(runFolder);
  } catch (cause) {
    throw new AppError('COMMAND_FAILED', `the run folder ${runFolder} cannot be read`, { cause });
  }
}

function descendantsOfAll(
  processes: readonly ProcessStat[],
  ancestors: readonly ProcessStat[],
): ProcessStat[] {
  const below = (pid: number): ProcessStat[] =>
    processes.filter((one) => one.parent === pid).flatMap((child) => [child, ...below(child.pid)]);
  return [...new Set(ancestors.flatMap((ancestor) => below(ancestor.pid)))];
}

async function stillAlive(processes: readonly ProcessStat[]): Promise<ProcessStat[]> {
  const alive = await mapInBatches(processes, isRunning);
  return processes.filter((_, index) => alive[index]);
}

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL' | 'SIGSTOP'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (systemErrorCode(error) !== 'ESRCH')
      throw new AppError('NOT_PERMITTED', `sshd ${pid} cannot be ended; use sudo`, { cause: error });
  }
}

/** Waits until none is there, or for so long; resolves with those that still are. */
async function leftAfter(processes: readonly ProcessStat[], milliseconds: number): Promise<ProcessStat[]> {
  const end = performance.now() + milliseconds;
  let left = await stillAlive(processes);
  while (left.length > 0 && performance.now() < end) {
    await delay(pollMs);
    left = await stillAlive(left);
  }
  return left;
}

async function gone(killed: readonly ProcessStat[]): Promise<void> {
  const [left] = await leftAfter(killed, hardTimeoutMs);
  if (left !== undefined) throw new AppError('COMMAND_FAILED', `sshd ${left.pid} does not end`);
}

async function terminate(doomed: readonly ProcessStat[]): Promise<void> {
  for (const { pid } of await stillAlive(doomed)) signal(pid, 'SIGTERM');
  const left = await leftAfter(doomed, softTimeoutMs);
  for (const { pid } of left) signal(pid, 'SIGKILL');
  await gone(left);
}

/**
 * Ends log-ins that have no session yet. A monitor may be about to start one, which would outlive it; so it is
 * stopped first, and killed together with whatever it has started by then.
 */
async function cutOff(monitors: readonly ProcessStat[]): Promise<void> {
  for (const { pid } of monitors) signal(pid, 'SIGSTOP');
  const begun = performance.now();
  let running = await stillAlive(monitors);
  // One that can't be stopped, as it hangs in the kernel, is killed like the others: that waits for it, too.
  while (running.length > 0 && performance.now() - begun < softTimeoutMs) {
    const now = await mapInBatches(running, (one) => readStat(one.pid));
    running = running.filter(
      (one, index) => now[index]?.startTicks === one.startTicks && !now[index].isStopped,
    );
    if (running.length > 0) await delay(pollMs);
  }
  const doomed = [...monitors, ...descendantsOfAll(await readProcesses(), monitors)];
  for (const { pid } of await stillAlive(doomed)) signal(pid, 'SIGKILL');
  await gone(doomed);
}

function findDaemon(processes: readonly ProcessStat[], name: string) {
  const found = processes.find(
    (one) =>
      one.name === name && !processes.some((parent) => parent.pid === one.parent && parent.name === name),
  );
  return found === undefined
    ? { name, state: 'stopped' as const, detail: null }
    : { name, state: 'running' as const, detail: `pid ${found.pid}` };
}

/** Older versions of sshd know no `-V`, but name theirs in the refusal. */
async function sshdVersion(): Promise<string | null> {
  const output = await run('/usr/sbin/sshd', ['-V']).then(
    ({ stderr }) => stderr,
    (error: unknown) =>
      error instanceof Error && 'stderr' in error && typeof error.stderr === 'string' ? error.stderr : '',
  );
  return /OpenSSH_[\w.]+/.exec(output)?.[0] ?? null;
}
