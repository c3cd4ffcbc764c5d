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

/** Work like that of the measured code: a list as JSON, read and printed. */
const referenceText = JSON.stringify(
  Array.from({ length: 5000 }, (_, port) => ({ port, name: `tenant-${port}`, tags: ['a', 'b', null, true] })),
);
/** The processor time of the reference work on an idle computer with 2 cores of 2.4 GHz. */
const idleReferenceMs = 26;

function threadMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

/** How much slower this thread is now than on that computer. At least 1. */
export function measureSlowdown(): number {
  const before = process.threadCpuUsage();
  for (let count = 0; count < 8; count += 1) JSON.stringify(JSON.parse(referenceText));
  return Math.max(1, threadMsSince(before) / idleReferenceMs);
}

/**
 * Measures the processor time of the calling thread during `work`, in milliseconds of an idle computer: programs on the
 * same core make a thread up to three times as slow, also in processor time.
 */
export async function measureThreadMs(work: () => Promise<unknown>): Promise<number> {
  const slowdownBefore = measureSlowdown();
  const before = process.threadCpuUsage();
  await work();
  const measured = threadMsSince(before);
  return measured / ((slowdownBefore + measureSlowdown()) / 2);
}
