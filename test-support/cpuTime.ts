/**
 * The processor time that this process used during `work`, in milliseconds. It hardly depends on what else the computer
 * does; a bound on it should still be ten times what is usual.
 */
export function measureCpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Processor time of the calling thread alone during `work`, in milliseconds; that of other threads does not count. */
export async function measureThreadMs(work: () => Promise<unknown>): Promise<number> {
  const before = process.threadCpuUsage();
  await work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}
