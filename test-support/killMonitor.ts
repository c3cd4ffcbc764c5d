import { readStat } from '../src-appliance/core/procfs.ts';

/** Kills the monitor of a session's sshd. Rejects if this machine has no such process: pid -1 would be all of them. */
export async function killMonitorOf(sessionPid: number): Promise<void> {
  const session = await readStat(sessionPid);
  if (session === null || session.parent <= 1)
    throw new Error(`no sshd ${sessionPid} with a monitor is here`);
  process.kill(session.parent, 'SIGKILL');
}
