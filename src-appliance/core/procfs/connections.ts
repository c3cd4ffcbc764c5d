import { AppError } from '../../../src-shared/errors.ts';
import type { ApplianceConfig } from '../config.ts';
import { forgetLogin, loadLogins, loadSeenSession, type LoginRecord } from '../sessions/loginRecords.ts';
import { adoptSessions, isAdopted } from './adoptSessions.ts';
import { readProcesses, readUser, readUserId, type ProcessStat } from './procfs.ts';

/**
 * A connection whose key was accepted: sshd's monitor process, and its child process after the login is
 * complete.
 */
export type Connection = { record: LoginRecord; monitor: ProcessStat; session: ProcessStat | null };

/**
 * A session whose monitor process died. It still forwards, until the client exchanges keys again, which needs
 * the monitor.
 */
export type Orphan = { record: LoginRecord; session: ProcessStat };

export type ProcfsParts = {
  config: Pick<
    ApplianceConfig,
    'stateFolder' | 'runFolder' | 'connectUser' | 'portRange' | 'clientAliveSeconds' | 'listenAddress'
  >;
  /** Epoch milliseconds. */
  now: () => number;
  /** For benchmarks only: a folder that replaces `/proc`. */
  procFolder?: string;
};

function readLogins(runFolder: string): LoginRecord[] {
  try {
    return loadLogins(runFolder);
  } catch (cause) {
    throw new AppError('COMMAND_FAILED', `the run folder ${runFolder} cannot be read`, { cause });
  }
}

const isProcess = (process: ProcessStat, pid: number | undefined, startTicks: number | undefined) =>
  process.pid === pid && process.startTicks === startTicks;

/**
 * The session process of a login, as an earlier command saw it or as it presented its ticket to the service.
 */
function findKnownSession(runFolder: string, record: LoginRecord) {
  const seen = loadSeenSession(runFolder, record);
  return seen === null ? record.session : { pid: seen.sessionPid, startTicks: seen.sessionStartTicks };
}

/**
 * The logins before and after the processes were read. A process that was read late may belong to a login
 * that was recorded in the meantime, and only a login that was recorded before can have ended.
 */
async function readLoginsAndProcesses({ config, procFolder }: ProcfsParts) {
  const before = readLogins(config.runFolder);
  const processes = await readProcesses(procFolder);
  const after = readLogins(config.runFolder);
  const wasRecorded = new Set(before.map(keyOf));
  const records = new Map([...before, ...after].map((record) => [record.monitorPid, record]));
  return { processes, records: [...records.values()], wasRecorded };
}

function keyOf({ monitorPid, monitorStartTicks }: LoginRecord): string {
  return `${monitorPid} ${monitorStartTicks}`;
}

/** The child process of the connect user. Null before the login is complete. */
async function findSession(
  monitor: ProcessStat,
  seen: { processes: readonly ProcessStat[]; userId: number; procFolder: string | undefined },
): Promise<ProcessStat | null> {
  let session: ProcessStat | null = null;
  for (const child of seen.processes.filter(({ parent }) => parent === monitor.pid))
    if ((await readUser(child.pid, seen.procFolder)) === seen.userId) session = child;
  return session;
}

/**
 * Removes records of adopted sessions whose own login is known after all. Otherwise the session would be
 * listed twice, and ended for a key that it doesn't use.
 */
function dropNeedlessAdoptions(
  { config }: ProcfsParts,
  { connections, orphans }: { connections: readonly Connection[]; orphans: readonly Orphan[] },
): Orphan[] {
  const monitors = new Set(connections.map(({ monitor }) => monitor.pid));
  const sessions = new Set(
    [...connections, ...orphans.filter(({ record }) => !isAdopted(record))].map(
      ({ session }) => session?.pid,
    ),
  );
  return orphans.filter(({ record, session }) => {
    if (!isAdopted(record)) return true;
    if (!sessions.has(session.pid) && !monitors.has(session.parent)) return true;
    forgetLogin(config.runFolder, record.monitorPid);
    return false;
  });
}

/**
 * Finds the processes of all recorded logins. Rejects with COMMAND_FAILED if the connect user or the run
 * folder is missing.
 */
export async function findConnections(parts: ProcfsParts) {
  const { config, procFolder } = parts;
  const userId = await readUserId(config.connectUser);
  if (userId === null) throw new AppError('COMMAND_FAILED', `there is no system user ${config.connectUser}`);
  const { processes, records, wasRecorded } = await readLoginsAndProcesses(parts);
  const connections: Connection[] = [];
  const recordedOrphans: Orphan[] = [];
  const ended: LoginRecord[] = [];
  for (const record of records) {
    const monitor = processes.find((process) =>
      isProcess(process, record.monitorPid, record.monitorStartTicks),
    );
    if (monitor !== undefined) {
      const session = await findSession(monitor, { processes, userId, procFolder });
      connections.push({ record, monitor, session });
      continue;
    }
    const known = findKnownSession(config.runFolder, record);
    const orphan = processes.find((process) => isProcess(process, known?.pid, known?.startTicks));
    if (orphan !== undefined) recordedOrphans.push({ record, session: orphan });
    else if (wasRecorded.has(keyOf(record))) ended.push(record);
  }
  const orphans = dropNeedlessAdoptions(parts, { connections, orphans: recordedOrphans });
  const known = new Set([
    ...connections.flatMap(({ monitor, session }) => [monitor.pid, session?.pid ?? 0]),
    ...orphans.map(({ session }) => session.pid),
  ]);
  orphans.push(...(await adoptSessions(parts, { processes, known, userId })));
  return { processes, connections, orphans, ended, userId };
}
