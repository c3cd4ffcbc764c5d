import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** Memory for new objects. After a burst, V8 would give them 128 MB and keep it **[ours]**. */
const maxNewBytes = 6 * 1024 * 1024;
/** How much the heap may grow before old objects are collected again, in percent. V8 alone permits four times as much **[ours]**. */
const growthPercent = 20;
/** What threads that start later get for new objects at once, in MB, because they get no more either. */
const newMbOfThreads = 4;

const newBytes = () =>
  getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.space_size ?? 0;

/**
 * Keeps the memory of this process near what it uses. For the start of a program that runs long: it sets flags of the whole
 * process. Measured on the web host alone, by docs/benchmarks.md. What it costs a short command was not measured.
 */
export function boundHeap(): void {
  setFlagsFromString(`--heap-growing-percent=${growthPercent}`);
  // Of the flags for new objects, only the next one and the growth still work after the start of a process: so the growth
  // ends when the limit is reached.
  setFlagsFromString(`--min-semi-space-size=${newMbOfThreads}`);
  const observer = new PerformanceObserver(() => {
    if (newBytes() < maxNewBytes) return;
    setFlagsFromString('--semi-space-growth-factor=1');
    observer.disconnect();
  });
  observer.observe({ entryTypes: ['gc'] });
}
