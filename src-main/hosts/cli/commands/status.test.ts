import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { createOutput } from '../output.ts';
import { printStatus } from './status.ts';

test('when there are no appliances, --fail-on exits with 1 and the reason; without it, the exit code is 0', async () => {
  const data = await mkdtemp(join(tmpdir(), 'sallyport-status-'));
  try {
    const printError = vi.fn<(text: string) => void>();
    const output = { ...createOutput({ json: true }), print: () => undefined, printError };
    for (const failOn of ['warn', 'bad'] as const) {
      expect(await printStatus({ data, output }, [], { failOn })).toBe(1);
      expect(printError).toHaveBeenLastCalledWith(`sallyport: --fail-on ${failOn}: no appliances`);
    }
    printError.mockClear();
    expect(await printStatus({ data, output }, [], {})).toBe(0);
    expect(printError).not.toHaveBeenCalled();
  } finally {
    await rm(data, { recursive: true, force: true });
  }
});
