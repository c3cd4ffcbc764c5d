import { readProcesses } from '../src-appliance/core/procfs.ts';

/** Pids of all processes below one, nearest first. */
export async function descendantsOf(pid: number): Promise<number[]> {
  const processes = await readProcesses();
  const below = (parent: number): number[] =>
    processes
      .filter((process) => process.parent === parent)
      .flatMap((child) => [child.pid, ...below(child.pid)]);
  return below(pid);
}
