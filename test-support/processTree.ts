import type { ChildProcess } from 'node:child_process';
import { readProcesses, readProcessFile, readStat } from '../src-appliance/core/procfs/procfs.ts';
import { signalUnlessEnded } from '../src-shared/node/signalUnlessEnded.ts';

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
  for (const pid of [root.pid, ...(await descendantsOf(root.pid))].toReversed())
    signalUnlessEnded(pid, 'SIGKILL');
}

/** Whether a process is suspended, as by SIGSTOP. False if it has ended. */
export async function isSuspended(pid: number): Promise<boolean> {
  return (await readStat(pid))?.isStopped === true;
}

/** Whether a process of this machine has `text` in its command line. */
export async function isRunning(text: string): Promise<boolean> {
  const lines = await Promise.all((await readProcesses()).map(({ pid }) => readCommandLine(pid)));
  return lines.some((line) => line.includes(text));
}

/** The arguments of a process with spaces between them. Empty if it has ended. */
export async function readCommandLine(pid: number): Promise<string> {
  return ((await readProcessFile(`/proc/${pid}/cmdline`)) ?? '').replaceAll('\0', ' ');
}
