import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hourMs } from '../../../src-shared/base/time.ts';
import type { WindowView } from '../../../src-shared/model/licence/connectedWindow.ts';
import { anInput } from '../../../test-support/anEntry.ts';
import { createInventory } from '../../inventory/inventory.ts';
import { openStore, type Store } from '../../store/store.ts';
import { createWindowRows } from './windowRows.ts';

let folder: string;
let store: Store;
let id: string;
let now: number;
const clock = () => now;

beforeEach(() => {
  now = Date.parse('2026-11-20T09:00:00.000Z');
  folder = mkdtempSync(join(tmpdir(), 'sallyport-windows-'));
  store = openStore({ folder });
  id = createInventory({ store, clock, operator: 'ada' }).add(anInput('quay-01'), []).id;
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const view = (): WindowView => ({
  applianceName: 'quay-01',
  host: 'licences.example',
  port: 443,
  isDryRun: false,
  openedBy: 'ada',
  startedAt: new Date(now).toISOString(),
  phase: 'open',
  lent: null,
  sentBytes: 0,
  receivedBytes: 0,
  connections: 0,
  acknowledged: [],
  closed: null,
  finished: null,
});
const open = () => createWindowRows({ store, clock });
/** Another process has the open window. */
function giveTo(pid: number): void {
  store.run(store.query.updateTable('connectedWindow').set({ ownerPid: pid }));
}
const endedPid = () => spawnSync(process.execPath, ['--version']).pid;

test('when the console with the window has ended, exactly one other console takes it over', () => {
  open().save(id, 'open', { view: view(), seconds: 60, before: null });
  giveTo(endedPid());
  const [one, other] = [open(), open()];
  expect(one.takeOver()).toMatchObject([{ applianceId: id, state: 'open' }]);
  giveTo(process.ppid);
  expect(other.takeOver()).toEqual([]);
  expect(one.takeOver()).toEqual([]);
});

test('when another live process has the window, it is not taken over until its time is long past', () => {
  open().save(id, 'open', { view: view(), seconds: 60, before: null });
  giveTo(process.ppid);
  const other = open();
  expect(other.takeOver()).toEqual([]);
  expect(other.findForeign(id)).toMatchObject({ host: 'licences.example' });
  now += hourMs;
  expect(other.takeOver()).toHaveLength(1);
  expect(other.findForeign(id)).toBeNull();
});

test('when a restarted console has the process ID of the one before, the window is taken over', () => {
  open().save(id, 'open', { view: view(), seconds: 60, before: null });
  expect(open().takeOver()).toHaveLength(1);
});

test('when a window has ended, it is forgotten; one of another console is not', () => {
  const one = open();
  one.save(id, 'open', { view: view(), seconds: 60, before: null });
  open().remove(id);
  expect(one.find(id)).toMatchObject({ isMine: true });
  one.remove(id);
  expect(one.find(id)).toBeUndefined();
});
