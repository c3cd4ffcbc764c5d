import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Tenant } from '../../src-shared/model/tenants/remoteNetworks.ts';
import { anInput } from '../../test-support/anEntry.ts';
import { createInventory } from '../inventory/inventory.ts';
import { openStore, type Store } from '../store/store.ts';
import { createQuotaMemory } from './quotaMemory.ts';

const at = '2026-11-20T12:00:00.000Z';
let folder: string;
let store: Store;
let applianceId: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-quota-'));
  store = openStore({ folder });
  const inventory = createInventory({ store, clock: () => 0, operator: 'o' });
  applianceId = inventory.add(anInput('kiln'), []).id;
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

function tenant(clientId: string, quota: number): Tenant {
  const empty = { keys: [], sessions: [], forwards: [], unplaced: [], lastSession: null, ports: [] };
  return { clientId, quota, suspended: quota === 0, createdAt: at, changedAt: at, ...empty };
}

const memory = () => createQuotaMemory({ store, clock: () => Date.parse(at) });

test('remembers the quota before a suspension, also in the next console', () => {
  const first = memory();
  first.remember(applianceId, [tenant('acme', 40)]);
  first.remember(applianceId, [tenant('acme', 0)]);
  expect(memory().of(applianceId, 'acme')).toBe(40);
});

test('when a tenant is not listed any more, forgets it, so that its name can be used again', () => {
  const one = memory();
  one.remember(applianceId, [tenant('acme', 40), tenant('globex', 20)]);
  one.remember(applianceId, []);
  expect(one.of(applianceId, 'acme')).toBe(40);
  one.remember(applianceId, [tenant('globex', 20)]);
  expect(one.of(applianceId, 'acme')).toBeNull();
  expect(one.of(applianceId, 'globex')).toBe(20);
  one.remember(applianceId, [tenant('acme', 40), tenant('globex', 20)]);
  expect(one.of(applianceId, 'acme')).toBe(40);
});

test('when a quota is already stored, the next console does not write it again', () => {
  const tenants = [tenant('acme', 40), tenant('globex', 20)];
  memory().remember(applianceId, tenants);
  const write = vi.spyOn(store, 'write');
  const next = memory();
  next.remember(applianceId, [...tenants]);
  expect(write).not.toHaveBeenCalled();
  next.remember(applianceId, [tenant('acme', 40), tenant('globex', 30)]);
  expect(write).toHaveBeenCalledOnce();
  expect(next.of(applianceId, 'globex')).toBe(30);
});

test('when a stored list arrives again, ignores it; when it was not stored, stores it', () => {
  const tenants = [tenant('acme', 40)];
  const one = memory();
  vi.spyOn(store, 'write').mockImplementationOnce(() => {
    throw new Error('disk full');
  });
  expect(() => one.remember(applianceId, tenants)).toThrow('disk full');
  one.remember(applianceId, tenants);
  expect(one.of(applianceId, 'acme')).toBe(40);
  const read = vi.spyOn(store, 'all');
  one.remember(applianceId, tenants);
  expect(read).not.toHaveBeenCalled();
  // The tenant was removed in the meantime. An older list that still contains it must not restore its quota.
  one.forget(applianceId, 'acme');
  one.remember(applianceId, tenants);
  expect(one.of(applianceId, 'acme')).toBeNull();
});

test('when another process has removed the appliance, nothing is stored and nothing fails', () => {
  const quotas = memory();
  store.run(store.query.deleteFrom('appliance').where('id', '=', applianceId));
  quotas.remember(applianceId, [tenant('acme', 40)]);
  expect(quotas.of(applianceId, 'acme')).toBeNull();
});
