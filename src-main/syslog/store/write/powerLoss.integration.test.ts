import { expect, test } from 'vitest';
import { expectedLosses, losePower, lostLines } from '../../../../test-support/losePower.ts';
import { createPicturedDisk } from '../../../../test-support/picturedDisk.ts';

// At 20 moments: powerLoss.soak.test.ts.
test('when the power fails, the store has the first lines each once, and a console reads the rest again', async ({
  skip,
}) => {
  const disk = await createPicturedDisk();
  if (disk === null) return skip('this computer permits no disks in files');
  try {
    const result = await losePower(disk, { count: 3, maxDelayMs: 1500 });
    expect(result.losses).toEqual(expectedLosses(result));
    expect(Math.max(...lostLines(result))).toBeGreaterThan(0);
  } finally {
    await disk.close();
  }
});
