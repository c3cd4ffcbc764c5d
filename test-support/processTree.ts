import type { ChildProcess } from 'node:child_process';
import { readProcesses } from '../src-appliance/core/procfs/procfs.ts';

/** The PIDs of all descendants of a process, nearest first. */
export async function descendantsOf(pid: number): Promise<number[]> {
  const processes = await readProcesses();
  const below = (parent: number): number[] =>
    processes
      .filter((process) => process.parent === parent)
      .flatMap((child) => [child.pid, ...below(child.pid)]);
  return below(pid);
}

/**
 * Kills a process and all its descendants, children before parents. Does not wait until they have ended.
 */
export async function killTree(root: ChildProcess): Promise<void> {
  if (root.pid === undefined || root.exitCode !== null || root.signalCode !== null) return;
  for (const pid of [root.pid, ...(await descendantsOf(root.pid))].toReversed()) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // The process has ended in the meantime.
    }
  }
}
