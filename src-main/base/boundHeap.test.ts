import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { z } from 'zod';

const run = promisify(execFile);
const figuresSchema = z.object({ newMb: z.number(), threadNewMb: z.number() });

/** Makes objects of which many are kept for a while, as when many appliances answer at once. */
const burst = `
  import { getHeapSpaceStatistics } from 'node:v8';
  const newMb = () => getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_size / 1e6;
  let kept = [];
  for (let round = 0; round < 300; round += 1) {
    for (let at = 0; at < 5000; at += 1) kept.push({ at, text: 'text ' + at });
    if (kept.length > 500_000) kept = [];
    await new Promise((resolve) => setImmediate(resolve));
  }
`;

async function measure(begin: string) {
  const thread = `${burst} import('node:worker_threads').then(({ parentPort }) => parentPort.postMessage(newMb()));`;
  const code = `
    import { Worker } from 'node:worker_threads';
    ${begin}
    ${burst}
    const worker = new Worker(new URL('data:text/javascript,' + encodeURIComponent(${JSON.stringify(thread)})));
    worker.on('message', (threadNewMb) => console.log(JSON.stringify({ newMb: newMb(), threadNewMb })));
  `;
  const { stdout } = await run(process.execPath, ['--no-warnings', '--input-type=module', '-e', code]);
  return figuresSchema.parse(JSON.parse(stdout));
}

test('when many objects are made at once, memory for new objects stays small, also in threads', async () => {
  const path = join(import.meta.dirname, 'boundHeap.ts');
  const bounded = await measure(`import { boundHeap } from ${JSON.stringify(path)}; boundHeap();`);
  expect(bounded.newMb).toBeLessThan(40);
  expect(bounded.threadNewMb).toBeLessThan(40);
  // The burst does need more without the bound.
  const free = await measure('');
  expect(free.newMb).toBeGreaterThan(60);
});
