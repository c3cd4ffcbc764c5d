import { expect, test } from 'vitest';
import { createSharedWork } from './sharedWork.ts';

/** Work that ends when the test says so. */
function createRuns() {
  const runs: PromiseWithResolvers<number>[] = [];
  const ask = createSharedWork(() => {
    const run = Promise.withResolvers<number>();
    runs.push(run);
    return run.promise;
  });
  return { runs, ask };
}

test('when many ask before the work begins, they share one run', async () => {
  const { runs, ask } = createRuns();
  const all = Promise.all(Array.from({ length: 100 }, ask));
  await Promise.resolve();
  await Promise.resolve();
  runs[0]?.resolve(7);
  expect(new Set(await all)).toEqual(new Set([7]));
  expect(runs).toHaveLength(1);
});

test('when some ask during a run, they share the next one, which begins after that run', async () => {
  const { runs, ask } = createRuns();
  const first = ask();
  await new Promise(setImmediate);
  const later = [ask(), ask()];
  await new Promise(setImmediate);
  expect(runs).toHaveLength(1);
  runs[0]?.resolve(1);
  expect(await first).toBe(1);
  await new Promise(setImmediate);
  expect(runs).toHaveLength(2);
  runs[1]?.resolve(2);
  expect(await Promise.all(later)).toEqual([2, 2]);
});

test('when a run fails, those who share it are told, and the next run begins', async () => {
  const { runs, ask } = createRuns();
  const [one, other] = [ask(), ask()];
  await new Promise(setImmediate);
  const next = ask();
  runs[0]?.reject(new Error('the disk is gone'));
  await expect(one).rejects.toThrow('the disk is gone');
  await expect(other).rejects.toThrow('the disk is gone');
  await new Promise(setImmediate);
  runs[1]?.resolve(2);
  expect(await next).toBe(2);
});

test('when the work throws before it waits, who asked is told', async () => {
  const ask = createSharedWork((): Promise<number> => {
    throw new Error('no configuration');
  });
  await expect(ask()).rejects.toThrow('no configuration');
  await expect(ask()).rejects.toThrow('no configuration');
});
