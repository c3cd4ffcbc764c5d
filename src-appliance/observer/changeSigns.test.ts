import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
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

/** Changes a file, and resolves with true once that is a sign. */
async function givesSign(path: string): Promise<boolean> {
  const before = signs;
  await writeFile(path, 'changed');
  await waitFor(`a sign after a change of ${path}`, () => signs > before);
  return true;
}

test('when the state folder is another one in the settings, changes of that one are signs', async () => {
  expect(await givesSign(at('old/tenants.json'))).toBe(true);
  stateFolder = at('new');
  expect(await givesSign(at('settings/appliance.json'))).toBe(true);
  expect(await givesSign(at('new/tenants.json'))).toBe(true);
});

test('when the settings are invalid for a while, the folders of before are watched, and then the new ones', async () => {
  stateFolder = '';
  expect(await givesSign(at('settings/appliance.json'))).toBe(true);
  await waitFor('the failure', () => failures.length > 0);
  expect(await givesSign(at('old/tenants.json'))).toBe(true);
  stateFolder = at('new');
  expect(await givesSign(at('settings/appliance.json'))).toBe(true);
  expect(await givesSign(at('new/tenants.json'))).toBe(true);
});
