import { AppError } from '../../../src-shared/errors.ts';
import type { ApplianceConfig } from '../config.ts';
import { loadLogins, loadSeenSession, type LoginRecord } from '../sessions/loginRecords.ts';
import { adoptSessions } from './adoptSessions.ts';
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
 * Finds the processes of all recorded logins. Rejects with COMMAND_FAILED if the connect user or the run
 * folder is missing.
 */
export async function findConnections(parts: ProcfsParts) {
  const { config, procFolder } = parts;
  const user = await readUserId(config.connectUser);
  if (user === null) throw new AppError('COMMAND_FAILED', `there is no system user ${config.connectUser}`);
  const records = readLogins(config.runFolder);
  const processes = await readProcesses(procFolder);
  const connections: Connection[] = [];
  const orphans: Orphan[] = [];
  const ended: LoginRecord[] = [];
  for (const record of records) {
    const monitor = processes.find((process) =>
      isProcess(process, record.monitorPid, record.monitorStartTicks),
    );
    if (monitor !== undefined) {
      let session: ProcessStat | null = null;
      for (const child of processes.filter(({ parent }) => parent === monitor.pid))
        if ((await readUser(child.pid, procFolder)) === user) session = child;
      connections.push({ record, monitor, session });
      continue;
    }
    const known = findKnownSession(config.runFolder, record);
    const orphan = processes.find((process) => isProcess(process, known?.pid, known?.startTicks));
    if (orphan === undefined) ended.push(record);
    else orphans.push({ record, session: orphan });
  }
  const known = [...connections, ...orphans].flatMap((one) => [
    one.session?.pid ?? 0,
    'monitor' in one ? one.monitor.pid : 0,
  ]);
  orphans.push(...(await adoptSessions(parts, { processes, known: new Set(known), userId: user })));
  return { processes, connections, orphans, ended, userId: user };
}
