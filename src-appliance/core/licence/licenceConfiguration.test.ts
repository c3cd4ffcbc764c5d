import { cpSync, readFileSync, rmSync } from 'node:fs';
import { readFile, stat, writeFile, chmod, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  configurationHistorySchema,
  configurationShowSchema,
} from '../../../src-shared/model/configuration/configurationCommands.ts';
import { receiptOutputSchema } from '../../../src-shared/model/licence/licenceCommands.ts';
import { startLicenceKit, type LicenceKit } from '../../../test-support/licenceKit.ts';

const text = `hostname: old.example # as clients see it
db:
  password: planted-secret
`;
const revised = text.replace('old.example', 'new.example');
const configuration = { revision: 4, set: { hostname: 'new.example' } };

let kit: LicenceKit;
let afterFileStep: () => void;
const content = () => readFile(kit.config.configuration, 'utf8');
const show = async () => (await kit.ke(['ke_manage_license_key', 'show'])).stdout;

beforeEach(async () => {
  afterFileStep = () => undefined;
  kit = await startLicenceKit({ afterFileStep: () => afterFileStep() });
  await writeFile(kit.config.configuration, text);
});
afterEach(() => kit.stop());

describe('a licence with a configuration revision', () => {
  test('changes both files, keeps comments, secrets, mode and owner', async () => {
    await chmod(kit.config.configuration, 0o640);
    const renewed = await kit.renew({ configuration });
    expect(renewed).toMatchObject({ exitCode: 0, output: { outcome: 'applied' } });
    expect(await content()).toBe(revised);
    expect((await stat(kit.config.configuration)).mode & 0o777).toBe(0o640);
    const shown = await kit.ke(['ke_update_configuration', 'show', '--json']);
    expect(shown.stdout).not.toContain('planted-secret');
    expect(configurationShowSchema.parse(JSON.parse(shown.stdout))).toMatchObject({
      revision: 4,
      drift: null,
      versions: [
        { number: 2, origin: 'licence', revision: 4, isInstalled: true },
        { number: 1, origin: 'found', revision: 0, isInstalled: false },
      ],
    });
    const record = await readFile(join(kit.config.stateFolder, 'configuration-record.json'), 'utf8');
    expect(record).not.toContain('planted-secret');
    expect(record).not.toContain(Buffer.from(text).toString('base64').slice(0, 40));
  });

  test('is rolled back with the licence, and forward again', async () => {
    await kit.renew({ sequence: 1 });
    await kit.renew({ sequence: 2, configuration });
    await kit.run(['rollback'], receiptOutputSchema);
    expect(await content()).toBe(text);
    expect(await show()).toContain('Sequence 1');
    await kit.run(['rollback', '--to', '2'], receiptOutputSchema);
    expect(await content()).toBe(revised);
  });

  test('when the licence is rolled back over several ones, the configuration is that of the first again', async () => {
    await kit.renew({ sequence: 1 });
    await kit.renew({ sequence: 2, configuration });
    await kit.renew({ sequence: 3 });
    await kit.renew({ sequence: 4, configuration: { revision: 5, set: { 'smtp.host': 'mail' } } });
    const last = await content();
    await kit.run(['rollback', '--to', '1'], receiptOutputSchema);
    expect(await content()).toBe(text);
    await kit.run(['rollback', '--to', '3'], receiptOutputSchema);
    expect(await content()).toBe(revised);
    await kit.run(['rollback', '--to', '4'], receiptOutputSchema);
    expect(await content()).toBe(last);
    await kit.run(['rollback', '--to', '2'], receiptOutputSchema);
    expect(await content()).toBe(revised);
    const shown = await kit.ke(['ke_update_configuration', 'show', '--json']);
    expect(configurationShowSchema.parse(JSON.parse(shown.stdout))).toMatchObject({
      revision: 4,
      drift: null,
    });
  });

  test('when a licence was replaced after a rollback, its change is not undone twice', async () => {
    await kit.renew({ sequence: 1 });
    await kit.renew({ sequence: 2, configuration });
    await kit.run(['rollback'], receiptOutputSchema);
    await kit.renew({ sequence: 3, configuration: { revision: 6, set: { hostname: 'third.example' } } });
    await kit.run(['rollback', '--to', '1'], receiptOutputSchema);
    expect(await content()).toBe(text);
  });

  test('when the configuration was changed since, the rollback leaves it alone', async () => {
    await kit.renew({ sequence: 1 });
    await kit.renew({ sequence: 2, configuration });
    await writeFile(kit.config.configuration, `${revised}# mine\n`);
    await kit.run(['rollback'], receiptOutputSchema);
    expect(await content()).toBe(`${revised}# mine\n`);
  });

  test.each([
    [
      'the revision is not newer',
      { revision: 1, set: { hostname: 'x' } },
      'configuration (Configuration): revision 1',
    ],
    ['a value has a wrong type', { revision: 9, set: { 'db.port': 'many' } }, 'db.port'],
    ['a key is below a value', { revision: 9, set: { 'hostname.x': 1 } }, 'hostname is a single value'],
  ])('is rejected as a whole if %s', async (_case, wrong, reason) => {
    await kit.renew({ sequence: 1, configuration: { revision: 1, set: { 'smtp.host': 'mail' } } });
    const before = await content();
    const refused = await kit.renew({ sequence: 2, configuration: wrong });
    expect(refused).toMatchObject({ exitCode: 7, output: { outcome: 'refused', current: { sequence: 1 } } });
    expect(refused.stderr).toContain(reason);
    expect(refused.stderr).not.toContain('planted-secret');
    expect(await content()).toBe(before);
  });

  test('is rejected if there is no configuration', async () => {
    await rm(kit.config.configuration);
    const refused = await kit.renew({ configuration });
    expect(refused).toMatchObject({ exitCode: 7, stderr: expect.stringContaining('does not exist') });
  });

  test('when the import is killed after any file operation, old or new is whole and show says which', async () => {
    await kit.renew({ sequence: 1 });
    const answer = await kit.answer({ sequence: 2, configuration });
    const live = ['state', 'data'].map((name) => join(kit.folder, name));
    const images: string[] = [];
    afterFileStep = () => {
      const image = join(kit.folder, `image-${images.length}`);
      for (const name of ['state', 'data'])
        cpSync(join(kit.folder, name), join(image, name), { recursive: true });
      images.push(image);
    };
    expect((await kit.importText(answer)).exitCode).toBe(0);
    afterFileStep = () => undefined;
    const outcomes: string[] = [];
    for (const image of images) {
      for (const folder of live) rmSync(folder, { recursive: true });
      for (const name of ['state', 'data'])
        cpSync(join(image, name), join(kit.folder, name), { recursive: true });
      const isNew = (await show()).includes('Sequence 2');
      outcomes.push(isNew ? 'new' : 'old');
      expect(readFileSync(kit.config.configuration, 'utf8')).toBe(isNew ? revised : text);
      // The request is used up exactly if its answer was installed.
      const again = await kit.importText(answer);
      expect(again.exitCode).toBe(isNew ? 7 : 0);
      const history = await kit.ke(['ke_update_configuration', 'history', '--json']);
      const { versions } = configurationHistorySchema.parse(JSON.parse(history.stdout));
      expect(versions.map(({ origin, isInstalled }) => [origin, isInstalled])).toEqual([
        ['licence', true],
        ['found', false],
      ]);
    }
    expect(outcomes.length).toBeGreaterThan(20);
    expect(new Set(outcomes)).toEqual(new Set(['old', 'new']));
  });
});
