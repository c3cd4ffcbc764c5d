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

/**
 * Measures the processor time of the calling thread during `work` in milliseconds. While it exceeds `limitMs`, measures
 * again, at most three times, because other programs that use the memory make each access slower.
 */
export async function measureThreadMs(limitMs: number, work: () => Promise<unknown>): Promise<number> {
  let least = Infinity;
  let attempts = 0;
  do {
    attempts += 1;
    const before = process.threadCpuUsage();
    await work();
    const { user, system } = process.threadCpuUsage(before);
    least = Math.min(least, (user + system) / 1000);
  } while (least > limitMs && attempts < 3);
  return least;
}
