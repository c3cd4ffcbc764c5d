import { afterEach, beforeEach, expect, test } from 'vitest';
import { fillAppliance } from '../../test-support/fullAppliance.ts';
import { startKitAppliance, type KitAppliance } from '../../test-support/kitAppliance.ts';
import {
  maxListBytes,
  maxListValues,
  maxRefusedLogins,
  maxTenantKeys,
  maxTenants,
  maxTenantSessions,
} from '../../src-shared/model/tenants/listLimits.ts';
import { readAnswer } from './answers.ts';
import { measureJson } from '../../src-shared/base/measureJson.ts';

let kit: KitAppliance;

beforeEach(async () => {
  kit = await startKitAppliance();
});
afterEach(() => kit.stop());

test('when an appliance is full, the console can read its list', async () => {
  await fillAppliance(kit);
  const { exitCode, stdout, stderr } = await kit.ke(['ke_manage_remote_networks', 'list', '--json']);
  expect([exitCode, stderr]).toEqual([0, '']);
  const reading = readAnswer('remoteNetworks', stdout);
  if (!('value' in reading)) throw new Error(reading.reason);
  const { tenants, refusedLogIns } = reading.value;
  const count = (list: 'keys' | 'sessions' | 'forwards') =>
    tenants.reduce((sum, tenant) => sum + tenant[list].length, 0);
  expect({
    tenants: tenants.length,
    keys: count('keys'),
    sessions: count('sessions'),
    forwards: count('forwards'),
    refused: refusedLogIns.length,
  }).toEqual({
    tenants: maxTenants,
    keys: maxTenants * maxTenantKeys,
    sessions: maxTenants * maxTenantSessions,
    forwards: maxTenants,
    refused: maxRefusedLogins,
  });
  expect(tenants.every(({ forwards }) => forwards[0]?.memberListener != null)).toBe(true);
  // The limits are at most twice what this list needs, because parsing larger answers would slow down every
  // console.
  const bytes = Buffer.byteLength(stdout);
  const { values } = measureJson(stdout, { maxDepth: Infinity, maxValues: Infinity });
  expect(bytes).toBeGreaterThan(maxListBytes / 2);
  expect(values).toBeGreaterThan(maxListValues / 2);
});
