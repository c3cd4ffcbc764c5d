import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ApplianceInput } from '../../src-shared/model/applianceEntry.ts';
import { openStore, type Store } from '../store/store.ts';
import { createInventory, type Inventory } from './inventory.ts';

let folder: string;
let store: Store;
let inventory: Inventory;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-inventory-'));
  store = openStore({ folder });
  inventory = createInventory({ store, clock: () => Date.UTC(2026, 10, 20), operator: 'ada' });
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const authentication = { agent: false, keyFile: '/key', password: false, keyboardInteractive: false };
const at = (port: number) => ({ host: '127.0.0.1', port, user: 'root', authentication });
const input = (name: string, port = 22): ApplianceInput => ({
  name,
  target: at(port),
  jumps: [],
  sudo: 'nopasswd',
  legacyAlgorithms: false,
  group: '',
  cluster: '',
  description: '',
});
const key = (letter: string) => ({ type: 'ssh-ed25519', fingerprint: `SHA256:${letter.repeat(43)}` });
const pin = (port: number, letter: string) => ({ host: '127.0.0.1', port, key: key(letter) });

test('keeps entries by name, and refuses a name twice', () => {
  const mill = inventory.add(input('mill'), []);
  const kiln = inventory.add(input('kiln', 23), [pin(23, 'A')]);
  expect(inventory.list()).toEqual([kiln, mill]);
  expect(() => inventory.add(input('kiln', 24), [])).toThrow(
    expect.objectContaining({ code: 'ALREADY_EXISTS' }),
  );
  expect(() => inventory.edit(mill.id, input('kiln'))).toThrow(
    expect.objectContaining({ code: 'ALREADY_EXISTS' }),
  );
  expect(inventory.edit(mill.id, { ...input('mill'), description: 'new' })).toEqual({
    ...mill,
    description: 'new',
  });
  expect(inventory.list()).toHaveLength(2);
});

test('a refused entry leaves nothing behind', () => {
  inventory.add(input('kiln'), [pin(22, 'A')]);
  expect(() => inventory.add(input('mill'), [pin(22, 'B')])).toThrow(
    expect.objectContaining({ code: 'HOST_KEY_CHANGED' }),
  );
  expect(inventory.find('mill')).toBeUndefined();
  expect(inventory.pinned(at(22))?.fingerprint).toBe(key('A').fingerprint);
});

test('forgets a host key with the last entry that needs it', () => {
  const kiln = inventory.add(input('kiln', 22), [pin(22, 'A')]);
  const mill = inventory.add({ ...input('mill', 23), jumps: [at(22)] }, []);
  inventory.remove(kiln.id);
  expect(inventory.pinnedOf(mill).map((pin) => pin.port)).toEqual([22]);
  inventory.edit(mill.id, input('mill', 23));
  expect(inventory.pinned(at(22))).toBeNull();
});

test('an unknown id is NOT_FOUND everywhere', () => {
  const id = crypto.randomUUID();
  for (const call of [
    () => inventory.get(id),
    () => inventory.remove(id),
    () => inventory.edit(id, input('x')),
  ])
    expect(call).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
});

test('another process adding an appliance is noticed', async () => {
  const listener = vi.fn<() => void>();
  inventory.onChange(listener);
  const otherStore = openStore({ folder });
  createInventory({ store: otherStore, clock: Date.now, operator: 'eve' }).add(input('kiln'), []);
  otherStore.close();
  await expect.poll(() => listener.mock.calls.length).toBeGreaterThan(0);
  expect(inventory.find('kiln')?.target.port).toBe(22);
});
