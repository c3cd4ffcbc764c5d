import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'vitest';
import { applianceConfigSchema } from '../core/config.ts';
import { waitFor } from '../../test-support/waitFor.ts';
import { followChangeSigns } from './changeSigns.ts';

let folder: string;
let stateFolder: string;
let failures: unknown[];
let signs: number;
let stop: () => void;

const at = (name: string) => join(folder, name);
const readConfig = () => {
  if (stateFolder === '') throw new Error('the settings are invalid');
  return applianceConfigSchema.parse({
    applianceId: 'cb0ba2a9-8a5b-4c1a-9d3f-1c4a31a5b1f7',
    applianceVersion: '1.14.4',
    stateFolder,
    runFolder: at('run'),
    connectUser: 'connect',
    syslog: at('syslog'),
    authorityKeys: at('authority.jwks'),
  });
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'change-signs-'));
  for (const name of ['settings', 'old', 'new', 'run']) await mkdir(at(name));
  stateFolder = at('old');
  failures = [];
  signs = 0;
  stop = followChangeSigns({
    readConfig,
    settingsFolder: at('settings'),
    connectUserId: 65_534,
    onSign: () => {
      signs += 1;
    },
    onFailure: (error) => failures.push(error),
  });
});
afterEach(async () => {
  stop();
  await rm(folder, { recursive: true });
});

/** Changes a file, and resolves once that is a sign. */
async function expectSign(path: string): Promise<void> {
  const before = signs;
  await writeFile(path, 'changed');
  await waitFor(`a sign after a change of ${path}`, () => signs > before);
}

test('when the state folder is another one in the settings, changes of that one are signs', async () => {
  await expectSign(at('old/tenants.json'));
  stateFolder = at('new');
  await expectSign(at('settings/appliance.json'));
  await expectSign(at('new/tenants.json'));
});

test('when the settings are invalid for a while, the folders of before are watched, and then the new ones', async () => {
  stateFolder = '';
  await expectSign(at('settings/appliance.json'));
  await waitFor('the failure', () => failures.length > 0);
  await expectSign(at('old/tenants.json'));
  stateFolder = at('new');
  await expectSign(at('settings/appliance.json'));
  await expectSign(at('new/tenants.json'));
});
