import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { startKitAppliance, type KitAppliance } from '../../test-support/kitAppliance.ts';

let kit: KitAppliance;

beforeEach(async () => {
  kit = await startKitAppliance();
});
afterEach(() => kit.stop());

/** The command's output as it was printed. The console's schema would add fields. */
const printedSchema = z.object({ services: z.array(z.unknown()), findings: z.array(z.unknown()) });

test('when the clock record is damaged and the member address belongs to another computer, lists both as findings', async () => {
  Object.assign(kit.config, { listenAddress: '203.0.113.9' });
  await writeFile(join(kit.config.stateFolder, 'clock.json'), '{"format":1,');
  const { exitCode, stdout } = await kit.ke(['ke_status', '--json']);
  expect(exitCode).toBe(0);
  expect(printedSchema.parse(JSON.parse(stdout))).toEqual({
    services: [],
    findings: [
      { name: 'clock record', detail: expect.stringContaining('is damaged') },
      { name: 'cluster address', detail: expect.stringContaining('203.0.113.9 is not an address') },
    ],
  });
  const text = await kit.ke(['ke_status']);
  expect(text.stdout).toMatch(/^Finding {4}clock record {2}.+ is damaged/mu);
  expect(text.stdout).not.toMatch(/^Service .*(?:clock|address)/mu);
});

test('when nothing is wrong, the list of findings is empty', async () => {
  const { stdout } = await kit.ke(['ke_status', '--json']);
  expect(printedSchema.parse(JSON.parse(stdout)).findings).toEqual([]);
});
