import { expect, test } from 'vitest';
import { expectedAround, keepEndlessLine } from '../../../test-support/endlessLine.ts';

test('when a log has a line of 1 GB with NUL bytes and no end, memory stays bounded, all of it is kept, and the lines around it are found', async ({
  annotate,
}) => {
  const { consoleMb, engineMb, searchMb, searchMs, ...kept } = await keepEndlessLine(2 ** 30);
  await annotate(
    `megabytes: console ${consoleMb}, log store ${engineMb}, searching ${searchMb}; milliseconds of searches: ${searchMs.join(', ')}`,
  );
  expect(kept).toEqual(expectedAround);
  expect(Math.max(consoleMb, engineMb)).toBeLessThan(250);
  expect(searchMb).toBeLessThan(350);
  for (const ms of searchMs) expect(ms).toBeLessThan(60_000);
});
