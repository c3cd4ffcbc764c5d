import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { importOutputSchema } from '../../../src-shared/model/licence/licenceCommands.ts';
import type { LicencePayload } from '../../../src-shared/model/licence/licence.ts';
import { forgedKeySet, signGenuine } from '../../../test-support/forgery/forge.ts';
import { forgedLicences } from '../../../test-support/forgery/forgedLicences.ts';
import { readRequest, startLicenceKit, type LicenceKit } from '../../../test-support/licenceKit.ts';
import { licencePayload } from '../../../test-support/licenceSupply.ts';
import { stateFiles } from '../../../test-support/stateFiles.ts';

let kit: LicenceKit;
let genuine: LicencePayload;

beforeAll(async () => {
  kit = await startLicenceKit();
  await kit.writeKeySet(JSON.stringify(forgedKeySet));
  await writeFile(kit.config.configuration, 'hostname: old.example\n');
  const { id, nonce } = readRequest((await kit.request()).request);
  genuine = licencePayload(kit.config.applianceId, {
    sequence: 13,
    request: { id, nonce },
    configuration: { revision: 9, set: { hostname: 'new.example' } },
  });
});
afterAll(() => kit.stop());

test('the table has at least 200 forgeries with different names', () => {
  const names = new Set(forgedLicences.map(({ name }) => name));
  expect(names.size).toBe(forgedLicences.length);
  expect(names.size).toBeGreaterThanOrEqual(200);
});

test.each(forgedLicences)(
  'refuses a licence with $name by the check $check, as a file and on stdin',
  async ({ check, write }) => {
    const path = join(kit.folder, 'answer.jws');
    const content = write(genuine);
    await writeFile(path, content);
    const before = await stateFiles(kit.config.stateFolder);
    const ended = await kit.ke(['ke_manage_license_key', 'import', path, '--json']);
    expect(ended).toMatchObject({
      exitCode: 7,
      stderr: expect.stringContaining(`VERIFICATION_FAILED: nothing was changed; ${check} (`),
    });
    const { outcome, checks, current } = importOutputSchema.parse(JSON.parse(ended.stdout));
    const failed = checks.filter((result) => result.outcome === 'failed').map((result) => result.check);
    expect({ outcome, failed, state: current.state }).toEqual({
      outcome: 'refused',
      failed: [check],
      state: 'missing',
    });
    expect(await kit.ke(['ke_manage_license_key', 'verify'], content)).toMatchObject({ exitCode: 7 });
    expect(await stateFiles(kit.config.stateFolder)).toEqual(before);
  },
);

test('afterwards, the genuine licence is installed', async () => {
  expect(await kit.importText(signGenuine(genuine))).toMatchObject({
    exitCode: 0,
    output: { outcome: 'applied', current: { sequence: 13 } },
  });
});
