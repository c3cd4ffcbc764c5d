import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hourMs } from '../../../src-shared/base/time.ts';
import { createKeptFolder } from '../../../test-support/keptFolder.ts';
import { createSmallDisk, type SmallDisk } from '../../../test-support/smallDisk.ts';
import { waitFor } from '../../../test-support/waitFor.ts';

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);
const keptAgain = 'New lines are kept again.';

let disk: SmallDisk | null;
let folder: Awaited<ReturnType<typeof createKeptFolder>>;
/** How far the clock of the console is ahead: it tries a full disk again after minutes. */
let aheadMs: number;

beforeEach(async () => {
  aheadMs = 0;
  disk = await createSmallDisk(16);
  if (disk === null) return;
  folder = await createKeptFolder({ startEngine: disk.startEngine, clock: () => Date.now() + aheadMs });
});
afterEach(async () => {
  if (disk === null) return;
  await folder.stop();
  await disk.close();
});

const showsUpTo = (count: number) =>
  waitFor(`line ${count - 1} shows`, () => folder.numbers().at(-1) === count - 1);

const problem = () => folder.logs()?.problemOf(folder.applianceId) ?? null;
const waitUntilKept = () =>
  waitFor('lines are kept again', () => {
    aheadMs += hourMs;
    return problem() === null;
  });

/** What was kept is whole and goes on with what was only shown, also for the next console. */
async function expectAllKept(): Promise<void> {
  const all = range(0, folder.written());
  await waitFor('all lines are kept', async () => (await folder.keptNumbers()).length >= all.length);
  expect(await folder.keptNumbers()).toEqual(all);
  await folder.close();
  expect(await disk?.checkStore()).toBe('ok');
  folder.open(100);
  await showsUpTo(folder.written());
  expect(await folder.keptNumbers()).toEqual(all);
}

describe('when the disk of the data folder becomes full', () => {
  test.for([0, 300_000])(
    'with %d bytes left, lines are shown, kept ones stay whole, and once there is room, each is kept once and in order',
    async (freeBytes, { skip }) => {
      if (disk === null) return skip('this computer gives users no disk of their own');
      folder.open();
      folder.write(3000);
      await showsUpTo(3000);
      await disk.fill(freeBytes);
      for (let round = 0; round < 6; round += 1) {
        folder.write(3000);
        await showsUpTo(folder.written());
        if (round === 3) await folder.rotate('create', 'compress', 'delaycompress');
      }
      await waitFor('the console notices the full disk', () => problem() !== null);
      expect(problem()).toMatchObject({ code: 'LOG_STORE_FULL', retryable: true });
      expect(folder.gaps()).toEqual([
        'New lines are shown, but not kept: New log lines can’t be kept: the disk is full.',
      ]);
      expect(await folder.logs()?.engine().readState()).toBe('full');
      const kept = await folder.keptNumbers();
      expect(kept).toEqual(range(0, kept.length));
      expect(kept.length).toBeGreaterThanOrEqual(3000);
      expect(kept.length).toBeLessThan(folder.written());
      await disk.free();
      await waitUntilKept();
      expect(folder.gaps().at(-1)).toBe(keptAgain);
      folder.write(10);
      await showsUpTo(folder.written());
      expect(folder.numbers()).toEqual(range(folder.numbers()[0] ?? 0, folder.written()));
      expect(await folder.logs()?.engine().readState()).toBe('keeping');
      await expectAllKept();
    },
  );
});

test('when the disk is full as the console starts, lines are shown, and kept once there is room', async ({
  skip,
}) => {
  if (disk === null) return skip('this computer gives users no disk of their own');
  folder.write(3000);
  folder.open();
  await showsUpTo(3000);
  await folder.close();
  await disk.fill();
  folder.write(3000);
  folder.open();
  await showsUpTo(6000);
  folder.write(3000);
  await showsUpTo(9000);
  await waitFor('the console notices the full disk', () => problem() !== null);
  expect(problem()).toMatchObject({ code: 'LOG_STORE_FULL' });
  await disk.free();
  await waitUntilKept();
  await expectAllKept();
});

test('when the disk was full from the first start on, lines are shown, and kept once there is room', async ({
  skip,
}) => {
  if (disk === null) return skip('this computer gives users no disk of their own');
  await disk.fill();
  folder.write(3000);
  folder.open();
  await showsUpTo(3000);
  await waitFor('the console notices the full disk', () => problem() !== null);
  expect(problem()).toMatchObject({ code: 'LOG_STORE_FULL' });
  await disk.free();
  await waitUntilKept();
  await expectAllKept();
});

test('when the file system is read-only, lines are shown, and kept once it can be written', async ({
  skip,
}) => {
  if (disk === null) return skip('this computer gives users no disk of their own');
  folder.write(3000);
  folder.open();
  await showsUpTo(3000);
  await folder.close();
  disk.remount('ro');
  folder.write(3000);
  folder.open();
  await showsUpTo(6000);
  await waitFor('the console notices that it can’t write', () => problem() !== null);
  expect(problem()).toMatchObject({ code: 'STORE_FAILED', message: expect.stringContaining('read-only') });
  disk.remount('rw');
  await waitUntilKept();
  await expectAllKept();
});
