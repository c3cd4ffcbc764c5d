import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** Memory for new objects. After a burst, V8 would give them 128 MB and keep it **[ours]**. */
const mostNewBytes = 14 * 1024 * 1024;
/** How much the heap may grow before old objects are collected again, in percent. V8 alone permits four times as much **[ours]**. */
const growthPercent = 30;
/** What threads that start later get for new objects at once, in MB, because they get no more either. */
const newMbOfThreads = 8;

const newBytes = () =>
  getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.space_size ?? 0;

/**
 * Keeps the memory of this process near what it uses. With 40 appliances it takes half as much, and no more processor
 * time. Of V8's flags, only these two still work after the start, so the limit is set when it is reached.
 */
export function boundHeap(): void {
  setFlagsFromString(`--heap-growing-percent=${growthPercent}`);
  setFlagsFromString(`--min-semi-space-size=${newMbOfThreads}`);
  const observer = new PerformanceObserver(() => {
    if (newBytes() < mostNewBytes) return;
    setFlagsFromString('--semi-space-growth-factor=1');
    observer.disconnect();
  });
  observer.observe({ entryTypes: ['gc'] });
}
