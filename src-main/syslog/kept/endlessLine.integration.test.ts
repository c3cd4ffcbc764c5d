import { expect, test } from 'vitest';
import { expectedAround, keepEndlessLine } from '../../../test-support/endlessLine.ts';

// 1 GB: endlessLine.soak.test.ts.
test('when a log has a line of 50 MB with NUL bytes and no end, memory stays bounded, all of it is kept, and the lines around it are found', async () => {
  const { consoleMb, engineMb, searchMb, searchMs, ...kept } = await keepEndlessLine(50 * 2 ** 20);
  expect(kept).toEqual(expectedAround);
  expect(Math.max(consoleMb, engineMb)).toBeLessThan(250);
  expect(searchMb).toBeLessThan(350);
  for (const ms of searchMs) expect(ms).toBeLessThan(60_000);
});
