import { expect, test } from 'vitest';
import { killLogWriter } from '../../../../test-support/killLogWriter.ts';

test('when the writer is killed 5 times at full speed, loses and doubles nothing', async () => {
  for (const killed of await killLogWriter(5)) {
    expect(killed.position.line).toBeGreaterThanOrEqual(killed.reported);
    expect(killed).toMatchObject({
      keptBytes: killed.position.offset,
      keptHash: killed.expectedHash,
      check: 'ok',
    });
  }
});
