import { expect, test } from 'vitest';
import { expectedLosses, losePower, lostLines } from '../../../../test-support/losePower.ts';
import { createPicturedDisk } from '../../../../test-support/picturedDisk.ts';

test('when the power fails at 20 moments, the store has the first lines each once, and a console reads the rest again', async ({
  skip,
  annotate,
}) => {
  const disk = await createPicturedDisk();
  if (disk === null) return skip('this computer permits no disks in files');
  try {
    const result = await losePower(disk, { count: 20, maxDelayMs: 2500 });
    await annotate(`acknowledged lines that each power failure took: ${lostLines(result).join(', ')}`);
    expect(result.losses).toEqual(expectedLosses(result));
    // Otherwise the pictures had all that was in memory, and would prove nothing.
    expect(Math.max(...lostLines(result))).toBeGreaterThan(0);
  } finally {
    await disk.close();
  }
});
