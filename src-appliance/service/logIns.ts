import {
  forgetLogIn,
  listSeen,
  loadLogIns,
  saveLogIn,
  type LogInRecord,
} from '../core/sessions/logInRecords.ts';
import { isRunning, readChildren, readUser } from '../core/procfs/procfs.ts';

type Known = { clientId: string; pid: number; startTicks: number; lookUps: number };

/** How many of a tenant's log-ins are sessions, and how many connections have not proven their key. */
type LogInCount = { live: number; pending: number };

/**
 * The log-ins under way and done, by sshd's monitor process: in memory, to count them, and on disk, where the commands and
 * the next service find them.
 */
export function createLogIns(options: { runFolder: string; connectUserId: number }) {
  const { runFolder, connectUserId } = options;
  const known = new Map<number, Known>();
  /** Counts a tenant's log-ins that were saved: a count that began before is out of date. */
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
    /** Look-ups so far for this connection. */
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
    /** Of one tenant, but for the connection that asks. */
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
     * Forgets log-ins whose connection is gone. What a command saw as a session stays for a command, which tells its end;
     * a session that lost its monitor stays until it is ended.
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
