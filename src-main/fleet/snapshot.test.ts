import { expect, test } from 'vitest';
import { AppError } from '../../src-shared/errors.ts';
import type { WatchLine } from '../../src-shared/model/watch/watchLines.ts';
import { aWatchedAppliance, aWatchSnapshot } from '../../test-support/aWatchedAppliance.ts';
import { readSnapshot } from './snapshot.ts';

/** The first line of an appliance that looked `ageMs` before it said it. */
const snapshot = (ageMs: number) => aWatchSnapshot(50_000 - ageMs, 50_000);

/** Reads from an appliance that says `line` 100 ms after it was asked. */
async function read(line: () => WatchLine) {
  let time = 0;
  let isEnded = false;
  const found = await readSnapshot(
    {
      watch: async function* watch({ signal }) {
        try {
          time += 100;
          yield line();
        } finally {
          isEnded = signal.aborted;
        }
      },
    },
    () => time,
  );
  return { found, isEnded };
}

test('when an appliance says its first line, reads all of it and ends the command', async () => {
  const { found, isEnded } = await read(() => snapshot(30));
  expect(found).toEqual({ watched: aWatchedAppliance, heldMs: 70 });
  expect(isEnded).toBe(true);
});

test('when the line says what held before it was asked, reads nothing', async () => {
  expect(await read(() => snapshot(101))).toEqual({ found: null, isEnded: true });
});

test('when the command fails or says nothing that fits together, reads nothing', async () => {
  const missing = await read(() => {
    throw new AppError('COMMAND_MISSING', 'ke_watch is missing');
  });
  expect(missing.found).toBeNull();
  expect((await read(() => ({ ...snapshot(0), parts: {} }))).found).toBeNull();
});

test('when this program fails, does not hide it', async () => {
  await expect(
    read(() => {
      throw new TypeError('defect');
    }),
  ).rejects.toThrow('defect');
});
