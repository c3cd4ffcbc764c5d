import {
  forgetLogIn,
  listSeen,
  loadLogIns,
  saveLogIn,
  type LogInRecord,
} from '../core/sessions/logInRecords.ts';
import { isRunning, readChildren, readUser } from '../core/procfs/procfs.ts';

type Known = { clientId: string; pid: number; startTicks: number; lookUps: number };

/** How many of a tenant's logins are sessions, and how many connections have not proven their key. */
type LogInCount = { live: number; pending: number };

/**
 * Logins in progress and completed ones, by sshd's monitor process: in memory for counting, and on disk for the
 * commands and the next service.
 */
export function createLogIns(options: { runFolder: string; connectUserId: number }) {
  const { runFolder, connectUserId } = options;
  const known = new Map<number, Known>();
  /** Number of saved logins of a tenant. It tells whether a count started before the last one. */
  const saves = new Map<string, number>();
  const remember = (record: LogInRecord, lookUps: number) =>
    known.set(record.monitorPid, {
      clientId: record.clientId,
      pid: record.monitorPid,
      startTicks: record.monitorStartTicks,
      lookUps,
    });
  for (const record of loadLogIns(runFolder)) remember(record, 0);

  const hasSession = async (monitor: Known): Promise<boolean> => {
    for (const child of await readChildren(monitor.pid))
      if ((await readUser(child.pid)) === connectUserId) return true;
    return false;
  };

  return {
    /** Number of look-ups of this connection so far. */
    lookUps: (monitor: { pid: number; startTicks: number }): number => {
      const one = known.get(monitor.pid);
      return one?.startTicks === monitor.startTicks ? one.lookUps : 0;
    },
    save: (record: LogInRecord, lookUps: number): void => {
      saveLogIn(runFolder, record);
      saves.set(record.clientId, (saves.get(record.clientId) ?? 0) + 1);
      remember(record, lookUps);
    },
    saves: (clientId: string): number => saves.get(clientId) ?? 0,
    /** The count of one tenant, without the connection that asks. */
    count: async (clientId: string, except?: number): Promise<LogInCount> => {
      const count = { live: 0, pending: 0 };
      const own = [...known.values()].filter((one) => one.clientId === clientId && one.pid !== except);
      for (const one of own) {
        if (!(await isRunning(one))) continue;
        count[(await hasSession(one)) ? 'live' : 'pending'] += 1;
      }
      return count;
    },
    /**
     * Forgets logins whose connection is gone. If a command saw the login as a session, a command also reports its end,
     * so it stays. A session that lost its monitor stays until it is ended.
     */
    sweep: async (): Promise<void> => {
      const seen = listSeen(runFolder);
      for (const record of loadLogIns(runFolder)) {
        const monitor = { pid: record.monitorPid, startTicks: record.monitorStartTicks };
        if (await isRunning(monitor)) continue;
        if (record.session !== null && (await isRunning(record.session))) continue;
        if (!seen.has(monitor.pid)) forgetLogIn(runFolder, monitor.pid);
      }
      for (const one of known.values()) if (!(await isRunning(one))) known.delete(one.pid);
    },
  };
}
export type LogIns = ReturnType<typeof createLogIns>;
