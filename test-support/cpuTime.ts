/**
 * Measures the processor time of this process during `work` in milliseconds. Other load hardly changes it,
 * but use limits of ten times the usual value.
 */
export function measureCpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Measures the processor time of the calling thread during `work` in milliseconds. */
export async function measureThreadMs(work: () => Promise<unknown>): Promise<number> {
  const before = process.threadCpuUsage();
  await work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}
