import {
  forgetLogin,
  listSeenSessions,
  loadLogin,
  loadLogins,
  saveLogin,
  type LoginRecord,
} from '../core/sessions/loginRecords.ts';
import { isRunning, readChildren, readUser, type ProcessStat } from '../core/procfs/procfs.ts';

type Known = { clientId: string; pid: number; startTicks: number; lookUps: number };

/** `live`: logins that are sessions. `pending`: connections that have not proven their key yet. */
type LoginCount = { live: number; pending: number };

/**
 * All logins, in progress and complete, by sshd's monitor process. Kept in memory for counting, and as files
 * for the commands and for a restarted service.
 */
export function createLogins(options: { runFolder: string; connectUserId: number }) {
  const { runFolder, connectUserId } = options;
  const known = new Map<number, Known>();
  /** Number of saved logins of a tenant. If it changes during a count, the count is out of date. */
  const saves = new Map<string, number>();
  const remember = (record: LoginRecord, lookUps: number) =>
    known.set(record.monitorPid, {
      clientId: record.clientId,
      pid: record.monitorPid,
      startTicks: record.monitorStartTicks,
      lookUps,
    });
  for (const record of loadLogins(runFolder)) remember(record, 0);

  const findSession = async (monitor: { pid: number }): Promise<ProcessStat | null> => {
    for (const child of await readChildren(monitor.pid))
      if ((await readUser(child.pid)) === connectUserId) return child;
    return null;
  };

  /** Records the session process of a login, so that commands find it even if its monitor dies. */
  const recordSession = async (monitor: { pid: number; startTicks: number }): Promise<void> => {
    const session = await findSession(monitor);
    if (session === null) return;
    // Read again, because the session's channel may have opened in the meantime.
    const record = loadLogin(runFolder, monitor);
    if (record?.session !== null) return;
    saveLogin(runFolder, { ...record, session: { pid: session.pid, startTicks: session.startTicks } });
  };

  return {
    /** Number of key look-ups of this connection so far. */
    lookUps: (monitor: { pid: number; startTicks: number }): number => {
      const one = known.get(monitor.pid);
      return one?.startTicks === monitor.startTicks ? one.lookUps : 0;
    },
    save: (record: LoginRecord, lookUps: number): void => {
      saveLogin(runFolder, record);
      saves.set(record.clientId, (saves.get(record.clientId) ?? 0) + 1);
      remember(record, lookUps);
    },
    saves: (clientId: string): number => saves.get(clientId) ?? 0,
    /** Counts a tenant's logins, except the connection `except`, which is asking. */
    count: async (clientId: string, except?: number): Promise<LoginCount> => {
      const count = { live: 0, pending: 0 };
      const own = [...known.values()].filter((one) => one.clientId === clientId && one.pid !== except);
      for (const one of own) {
        if (!(await isRunning(one))) continue;
        count[(await findSession(one)) === null ? 'pending' : 'live'] += 1;
      }
      return count;
    },
    /**
     * Records the session processes of complete logins. Deletes logins whose connection has ended. Keeps a login that a command saw as a session, because a
     * command must report its end. Also keeps a session without a monitor until it ends.
     */
    sweep: async (): Promise<void> => {
      const seen = listSeenSessions(runFolder);
      const records = loadLogins(runFolder);
      const recorded = new Set(records.map(({ monitorPid }) => monitorPid));
      // A command may have noted a session after its login was deleted here.
      for (const pid of seen) if (!recorded.has(pid)) forgetLogin(runFolder, pid);
      for (const record of records) {
        const monitor = { pid: record.monitorPid, startTicks: record.monitorStartTicks };
        if (await isRunning(monitor)) {
          if (record.session === null) await recordSession(monitor);
          continue;
        }
        if (record.session !== null && (await isRunning(record.session))) continue;
        if (!seen.has(monitor.pid)) forgetLogin(runFolder, monitor.pid);
      }
      for (const one of known.values()) if (!(await isRunning(one))) known.delete(one.pid);
    },
  };
}
export type Logins = ReturnType<typeof createLogins>;
