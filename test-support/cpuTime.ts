/**
 * Processor time of this process during `work`, in milliseconds. It hardly depends on other load; a limit should still
 * be ten times the usual value.
 */
export function measureCpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Processor time of only the calling thread during `work`, in milliseconds. */
export async function measureThreadMs(work: () => Promise<unknown>): Promise<number> {
  const before = process.threadCpuUsage();
  await work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}
