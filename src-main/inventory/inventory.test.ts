import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ApplianceInput } from '../../src-shared/model/appliance/applianceEntry.ts';
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
  connect: 'always',
  group: '',
  cluster: '',
  description: '',
  tags: [],
  colour: 'none',
});
const key = (letter: string) => ({ type: 'ssh-ed25519', fingerprint: `SHA256:${letter.repeat(43)}` });
const pin = (port: number, letter: string) => ({ host: '127.0.0.1', port, key: key(letter) });

test('keeps entries sorted by name, and rejects a name twice', () => {
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

test('when only some fields are edited, the others keep what another console saved since', () => {
  const mill = inventory.add(input('mill'), []);
  const elsewhere = createInventory({ store, clock: () => 0, operator: 'ben' });
  elsewhere.edit(mill.id, { ...input('mill'), group: 'labs', tags: ['dmz'] });
  elsewhere.setLock(mill.id, true);
  const edited = inventory.edit(
    mill.id,
    { ...input('mill', 24), description: 'new' },
    { fields: ['description'] },
  );
  expect(edited).toEqual({ ...mill, locked: true, group: 'labs', tags: ['dmz'], description: 'new' });
  expect(() => inventory.edit(mill.id, input('kiln', 24), { fields: ['target'] })).not.toThrow();
  expect(inventory.list()).toMatchObject([{ name: 'mill', target: { port: 24 }, description: 'new' }]);
});

test('when an entry is locked, refuses its changes until it is unlocked; an edit keeps the lock', () => {
  const { id } = inventory.add(input('mill'), []);
  const elsewhere = createInventory({ store, clock: () => 0, operator: 'ben' });
  expect(elsewhere.list().map(({ locked }) => locked)).toEqual([false]);
  expect(inventory.setLock(id, true)).toMatchObject({ name: 'mill', locked: true });
  const refusal = expect.objectContaining({ code: 'APPLIANCE_LOCKED', detail: { name: 'mill' } });
  expect(() => inventory.assertUnlocked(id)).toThrow(refusal);
  // `elsewhere` still shows its cached list, because it has not checked for foreign changes yet.
  expect(elsewhere.list().map(({ locked }) => locked)).toEqual([false]);
  expect(() => elsewhere.assertUnlocked(id)).toThrow(refusal);
  const edited = inventory.edit(id, { ...input('mill'), tags: ['dmz'], colour: 'red' });
  expect(edited).toMatchObject({ locked: true, tags: ['dmz'], colour: 'red' });
  expect(inventory.list()).toEqual([edited]);
  expect(inventory.setLock(id, false)).toEqual({ ...edited, locked: false });
  inventory.assertUnlocked(id);
});

const sameWays: [string, Partial<ApplianceInput['target']>][] = [
  ['as it stands', {}],
  ['in capitals', { host: 'KILN.example' }],
  ['with a final dot', { host: 'kiln.example.' }],
  ['with other keys', { authentication: { ...authentication, agent: true } }],
];

describe('when an entry leads to the same appliance', () => {
  const kilnTarget = { ...at(22), host: 'kiln.example' };

  test.each(sameWays)('when %s, rejects it with ADDRESS_TAKEN and names the entry', (_how, change) => {
    inventory.add({ ...input('kiln'), target: kilnTarget }, []);
    expect(() => inventory.add({ ...input('mill'), target: { ...kilnTarget, ...change } }, [])).toThrow(
      expect.objectContaining({
        code: 'ADDRESS_TAKEN',
        message: 'kiln already has this address: root@kiln.example:22.',
        detail: { existing: 'kiln' },
      }),
    );
    expect(inventory.list().map(({ name }) => name)).toEqual(['kiln']);
  });

  test.each([
    ['::1', '0:0:0:0:0:0:0:1'],
    ['[::1]', '::1'],
    ['127.0.0.1', '127.1'],
    ['127.0.0.1', '::ffff:127.0.0.1'],
    ['fe80::1%eth0', 'FE80:0::1%eth0'],
  ])('the host %s counts as %s', (one, other) => {
    inventory.add({ ...input('kiln'), target: { ...at(22), host: one } }, []);
    expect(
      inventory
        .findConflicts({ name: 'mill', target: { ...at(22), host: other }, jumps: [] })
        .map(({ code }) => code),
    ).toEqual(['ADDRESS_TAKEN']);
  });

  test('another port, user, zone or jump host is another appliance; another user of the jump host is not', () => {
    const jump = { ...at(22), host: 'gate.example' };
    inventory.add({ ...input('kiln'), target: kilnTarget, jumps: [jump] }, []);
    const codes = (change: Partial<ApplianceInput>) =>
      inventory
        .findConflicts({ ...input('mill'), target: kilnTarget, jumps: [jump], ...change })
        .map(({ code }) => code);
    for (const change of [
      { jumps: [] },
      { jumps: [jump, jump] },
      { jumps: [{ ...jump, port: 23 }] },
      { target: { ...kilnTarget, port: 23 } },
      { target: { ...kilnTarget, user: 'ada' } },
      { target: { ...kilnTarget, host: 'fe80::1%eth1' } },
    ])
      expect(codes(change)).toEqual([]);
    expect(codes({ jumps: [{ ...jump, user: 'ada' }] })).toEqual(['ADDRESS_TAKEN']);
  });

  test('rejects an edit that makes two entries the same, but not if they already were', () => {
    const kiln = inventory.add(input('kiln', 22), []);
    const mill = inventory.add(input('mill', 23), []);
    expect(() => inventory.edit(mill.id, input('mill', 22))).toThrow(
      expect.objectContaining({ code: 'ADDRESS_TAKEN', detail: { existing: 'kiln' } }),
    );
    expect(inventory.get(mill.id)).toEqual(mill);
    store.run(
      store.query
        .updateTable('appliance')
        .set({ entryJson: JSON.stringify({ ...mill, target: kiln.target }) })
        .where('id', '=', mill.id),
    );
    expect(inventory.edit(mill.id, { ...input('mill', 22), description: 'new' }).description).toBe('new');
  });

  test('when name and address are both taken, reports both', () => {
    inventory.add(input('kiln', 22), []);
    inventory.add(input('mill', 23), []);
    expect(() => inventory.add(input('kiln', 23), [])).toThrow(
      expect.objectContaining({
        code: 'ALREADY_EXISTS',
        message:
          'There is already an appliance named kiln. mill already has this address: root@127.0.0.1:23.',
      }),
    );
  });
});

test('when nothing changed, does not read the list again and returns the same objects', () => {
  const mill = inventory.add(input('mill'), []);
  const kiln = inventory.add(input('kiln', 23), []);
  const readings = vi.spyOn(store, 'all');
  const before = inventory.list();
  expect(inventory.list()).toBe(before);
  expect(inventory.get(kiln.id)).toBe(before[0]);
  expect(inventory.find('mill')).toBe(before[1]);
  expect(readings).toHaveBeenCalledTimes(1);
  inventory.edit(mill.id, { ...input('mill'), description: 'new' });
  expect(inventory.list().map(({ description }) => description)).toEqual(['', 'new']);
  inventory.remove(kiln.id);
  expect(inventory.list().map(({ name }) => name)).toEqual(['mill']);
});

test('when another process changed entries, checks a change against them', () => {
  inventory.list();
  const other = openStore({ folder });
  try {
    const elsewhere = createInventory({ store: other, clock: () => Date.UTC(2026, 10, 20), operator: 'bob' });
    elsewhere.add(input('mill'), []);
    expect(() => inventory.add(input('mill', 23), [])).toThrow(
      expect.objectContaining({ code: 'ALREADY_EXISTS' }),
    );
  } finally {
    other.close();
  }
});

test('when an entry is rejected, stores nothing', () => {
  inventory.add(input('kiln'), [pin(22, 'A')]);
  expect(() => inventory.add({ ...input('mill'), jumps: [at(22)] }, [pin(22, 'B')])).toThrow(
    expect.objectContaining({ code: 'HOST_KEY_CHANGED' }),
  );
  expect(inventory.find('mill')).toBeUndefined();
  expect(inventory.pinned(at(22))?.fingerprint).toBe(key('A').fingerprint);
});

test('deletes a host key with the last entry that needs it', () => {
  const kiln = inventory.add(input('kiln', 22), [pin(22, 'A')]);
  const mill = inventory.add({ ...input('mill', 23), jumps: [at(22)] }, []);
  inventory.remove(kiln.id);
  expect(inventory.pinnedOf(mill).map((pin) => pin.port)).toEqual([22]);
  inventory.edit(mill.id, input('mill', 23));
  expect(inventory.pinned(at(22))).toBeNull();
});

test('rejects an unknown ID with NOT_FOUND everywhere', () => {
  const id = crypto.randomUUID();
  for (const call of [
    () => inventory.get(id),
    () => inventory.remove(id),
    () => inventory.edit(id, input('x')),
  ])
    expect(call).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
});

test('when another process adds an appliance, notices it', async () => {
  const listener = vi.fn<() => void>();
  inventory.onChange(listener);
  const otherStore = openStore({ folder });
  createInventory({ store: otherStore, clock: Date.now, operator: 'eve' }).add(input('kiln'), []);
  otherStore.close();
  await expect.poll(() => listener.mock.calls.length).toBeGreaterThan(0);
  expect(inventory.find('kiln')?.target.port).toBe(22);
});
