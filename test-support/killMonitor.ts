import { readStat } from '../src-appliance/core/procfs/procfs.ts';
import type { StockBox } from './stockBox.ts';

/**
 * Kills the parent sshd process of a session on a box. Rejects if it finds no process, because `kill -1` would end
 * every process.
 */
export async function killMonitorOf({ system }: Pick<StockBox, 'system'>, sessionPid: number): Promise<void> {
  const session = await readStat(sessionPid, system.path('/proc'));
  if (session === null || session.parent <= 1)
    throw new Error(`no sshd ${sessionPid} with a monitor is there`);
  await system.mustRun(['kill', '-KILL', `${session.parent}`]);
}
