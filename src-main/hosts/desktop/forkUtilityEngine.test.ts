import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { utilityProcess } from '../../../test-support/electron/utilityProcess.ts';
import { createLogEngineClient } from '../../syslog/store/process/engineClient.ts';
import { forkUtilityEngine } from './forkUtilityEngine.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-utility-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('when the log store runs as a utility process, it answers and starts again after it was killed', async () => {
  const started: { kill: () => void }[] = [];
  const engine = createLogEngineClient({
    start: () => {
      const channel = forkUtilityEngine(utilityProcess, folder);
      started.push(channel);
      return channel;
    },
  });
  expect(await engine.readState()).toBe('keeping');
  expect(await engine.listSources({ applianceId: 'a' })).toEqual([]);
  started[0]?.kill();
  await expect.poll(() => started.length).toBe(2);
  expect(await engine.readState()).toBe('keeping');
  await engine.close();
});
