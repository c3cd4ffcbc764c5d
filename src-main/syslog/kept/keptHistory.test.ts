import { afterEach, beforeEach, expect, test } from 'vitest';
import { openFilledLogs, type FilledLogs } from '../../../test-support/filledLogs.ts';
import { maxPieceBytes } from '../store/pieces.ts';
import { maxKeptBytes } from '../tailLines.ts';
import { readKeptHistory } from './keptHistory.ts';

const applianceId = 'kiln';
let logs: FilledLogs;
beforeEach(() => {
  logs = openFilledLogs();
});
afterEach(() => logs.close());

/** The texts of the newest lines, and the most text that one answer of the store had. */
async function readHistory(limit: number) {
  let maxAnswer = 0;
  const { listSources, listGaps } = logs.engine;
  const history = await readKeptHistory(
    {
      listSources,
      listGaps,
      searchContext: async (at) => {
        const found = await logs.engine.searchContext(at);
        maxAnswer = Math.max(maxAnswer, sizeOf(found.map(({ text }) => text)));
        return found;
      },
    },
    { applianceId, limit },
  );
  const texts = history.rows.flatMap((row) => (row.kind === 'line' ? [row.line.text] : []));
  return { texts, maxAnswer };
}
const sizeOf = (texts: readonly string[]) => texts.reduce((sum, text) => sum + text.length, 0);
const short = Array.from({ length: 3000 }, (_, index) => `line ${index}`);

test('when lines are as long as they can be, the history has the newest ones and no more than 8 MB', async () => {
  const long = Array.from({ length: 200 }, (_, index) => `${index} `.padEnd(maxPieceBytes - 1, 'x'));
  for (let at = 0; at < long.length; at += 10) await logs.append(long.slice(at, at + 10), { order: 1 });
  const { texts, maxAnswer } = await readHistory(10_000);
  expect(texts).toEqual(long.slice(-texts.length));
  expect(sizeOf(texts)).toBeLessThanOrEqual(maxKeptBytes);
  expect(sizeOf(texts)).toBeGreaterThan(maxKeptBytes - 2 * maxPieceBytes);
  expect(maxAnswer).toBeLessThanOrEqual(maxKeptBytes);
});

test('when lines are short, the history has as many as were asked for, across files', async () => {
  await logs.append(short.slice(0, 1000), { file: 'first', order: 1, isComplete: true });
  await logs.append(short.slice(1000), { file: 'second', order: 2 });
  expect((await readHistory(2500)).texts).toEqual(short.slice(-2500));
  expect((await readHistory(10_000)).texts).toEqual(short);
  expect((await readHistory(0)).texts).toEqual([]);
});
