import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AppError } from '../../src-shared/errors.ts';
import type { ApplianceStatus } from '../../src-shared/model/appliance/applianceStatus.ts';
import type { RemoteNetworks } from '../../src-shared/model/tenants/remoteNetworks.ts';
import { anInput } from '../../test-support/anEntry.ts';
import { aWatchedAppliance } from '../../test-support/aWatchedAppliance.ts';
import { aTenant } from '../../test-support/aTenant.ts';
import { createInventory, type Inventory } from '../inventory/inventory.ts';
import { openStore, type Store } from '../store/store.ts';
import { createObservations } from './observations.ts';

let folder: string;
let store: Store;
let inventory: Inventory;
const observedAt = '2026-11-20T12:00:00.000Z';
const { status: aStatus } = aWatchedAppliance;
const networks: RemoteNetworks = {
  contract: 1,
  portRange: { first: 2200, last: 5199 },
  tenants: [],
  refusedLogIns: [],
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-observations-'));
  store = openStore({ folder });
  inventory = createInventory({ store, clock: Date.now, operator: 'ada' });
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

function addAppliance(): string {
  return inventory.add(anInput('kiln'), []).id;
}

test('when the console restarts, last known values have their old time', () => {
  const id = addAppliance();
  const before = createObservations({ store });
  before.set(id, 'remoteNetworks', { value: networks, observedAt });
  before.flush();
  expect(createObservations({ store }).of(id)).toEqual({ remoteNetworks: { value: networks, observedAt } });
});

test('when a value was cleared, a restart does not load it', () => {
  const id = addAppliance();
  const before = createObservations({ store });
  const value = { command: 'c', text: 't', error: 'e', code: 'OUTPUT_UNPARSED' } as const;
  before.set(id, 'statusFailure', { value, observedAt });
  before.flush();
  before.clear(id, 'statusFailure');
  before.flush();
  expect(createObservations({ store }).of(id)).toEqual({});
});

test('when a stored value has an unknown format, drops it and keeps the others', () => {
  const id = addAppliance();
  const before = createObservations({ store });
  before.set(id, 'remoteNetworks', { value: networks, observedAt });
  before.flush();
  const row = { applianceId: id, kind: 'status', observedAt: observedAt, valueJson: '{"contract":99}' };
  store.run(store.query.insertInto('observation').values(row));
  expect(Object.keys(createObservations({ store }).of(id))).toEqual(['remoteNetworks']);
});

test('when a value could not be written, writes it with the next flush', () => {
  const id = addAppliance();
  const observations = createObservations({
    store: {
      ...store,
      write: (work) => {
        if (full) throw new AppError('STORE_FAILED', 'disk full');
        return store.write(work);
      },
    },
  });
  let full = true;
  observations.set(id, 'remoteNetworks', { value: networks, observedAt });
  expect(() => observations.flush()).toThrow('disk full');
  full = false;
  observations.flush();
  expect(createObservations({ store }).of(id)).toEqual({ remoteNetworks: { value: networks, observedAt } });
});

test('when an answer arrives after its appliance was removed, ignores it', () => {
  const id = addAppliance();
  const observations = createObservations({ store });
  observations.set(id, 'remoteNetworks', { value: networks, observedAt });
  inventory.remove(id);
  observations.flush();
  expect(store.all(store.query.selectFrom('observation').selectAll())).toEqual([]);
});
const at = (second: number) => `2026-11-20T12:00:${String(second).padStart(2, '0')}.000Z`;

test('when a list is too long to be stored, a restart loads no list', () => {
  const id = addAppliance();
  const uri = 'x'.repeat(2000);
  const unplaced = Array.from({ length: 1100 }, () => ({ group: 'g', repository: 'r', uri }));
  const long = { ...networks, tenants: [aTenant('acme', { unplaced })] };
  const before = createObservations({ store });
  before.set(id, 'remoteNetworks', { value: networks, observedAt });
  before.flush();
  before.set(id, 'remoteNetworks', { value: long, observedAt });
  before.flush();
  expect(before.of(id)).toEqual({ remoteNetworks: { value: long, observedAt } });
  expect(createObservations({ store }).of(id)).toEqual({});
});

test('writes a large list at most once a minute, a small value at once, and everything at the end', () => {
  const id = addAppliance();
  let now = 0;
  const observations = createObservations({ store, steadyClock: () => now });
  const keys = Array.from({ length: 50 }, (_, index) => ({
    fingerprint: `SHA256:${index}`,
    keyType: 'ssh-ed25519',
    peerAddress: '198.51.100.7',
    count: 1,
    lastAt: observedAt,
    formerKeyOf: null,
    keyOf: null,
    line: 'x'.repeat(2048),
  }));
  const list = (second: number) =>
    observations.set(id, 'remoteNetworks', {
      value: { ...networks, refusedLogIns: keys },
      observedAt: at(second),
    });
  const kept = () => createObservations({ store }).of(id);
  list(1);
  observations.flush();
  list(2);
  now = 59_999;
  observations.set(id, 'licenceFailure', {
    value: { command: 'c', text: '', error: 'e', code: 'COMMAND_FAILED' },
    observedAt: at(2),
  });
  observations.flush();
  expect(kept()).toMatchObject({
    remoteNetworks: { observedAt: at(1) },
    licenceFailure: { observedAt: at(2) },
  });
  now = 60_000;
  observations.flush();
  expect(kept().remoteNetworks?.observedAt).toBe(at(2));
  list(3);
  observations.flushAll();
  expect(kept().remoteNetworks?.observedAt).toBe(at(3));
  list(4);
  observations.clear(id, 'remoteNetworks');
  observations.flush();
  expect(kept().remoteNetworks).toBeUndefined();
});

test('when an appliance says that a value still holds, its time is written once a minute, and any change at once', () => {
  const id = addAppliance();
  let steady = 0;
  const observations = createObservations({ store, steadyClock: () => steady });
  const stored = () => createObservations({ store }).of(id);
  const say = (second: number, changes: Partial<ApplianceStatus> = {}) => {
    steady = second * 1000;
    const at = new Date(Date.parse(observedAt) + steady).toISOString();
    const value = { ...aStatus, uptimeSeconds: second, clock: { ...aStatus.clock, now: at }, ...changes };
    observations.set(id, 'status', { value, observedAt: at });
    observations.set(id, 'remoteNetworks', { value: networks, observedAt: at });
    observations.flush();
    return at;
  };
  const first = say(0);
  for (const second of [4, 30, 59]) {
    say(second);
    expect(stored()).toMatchObject({ status: { observedAt: first }, remoteNetworks: { observedAt: first } });
  }
  const changed = say(59.5, { findings: [{ name: 'log', detail: 'full' }] });
  expect(stored()).toMatchObject({
    status: { observedAt: changed, value: { findings: [{ name: 'log' }] } },
    remoteNetworks: { observedAt: first },
  });
  const minute = say(60);
  expect(stored().remoteNetworks?.observedAt).toBe(minute);
  const last = say(61, { findings: [{ name: 'log', detail: 'full' }] });
  observations.flushAll();
  expect(stored()).toMatchObject({ status: { observedAt: last }, remoteNetworks: { observedAt: last } });
});

test('when a value could not be written, it is written by the next flush', () => {
  const id = addAppliance();
  let isDiskFull = true;
  const observations = createObservations({
    store: {
      ...store,
      write: (work) =>
        store.write(() => {
          const result = work();
          if (isDiskFull) throw new AppError('STORE_FAILED', 'The disk is full.');
          return result;
        }),
    },
    steadyClock: () => 0,
  });
  observations.set(id, 'remoteNetworks', { value: networks, observedAt });
  expect(observations.flush).toThrow('The disk is full.');
  isDiskFull = false;
  observations.flush();
  expect(createObservations({ store }).of(id)).toEqual({ remoteNetworks: { value: networks, observedAt } });
});
