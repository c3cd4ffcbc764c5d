import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FleetRun } from '../../src-shared/model/fanOut/fleetRun.ts';
import { openStore, type Store } from '../store/store.ts';
import { createRunRows, type StoredResult } from './runRows.ts';

let folder: string;
let store: Store;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-runs-'));
  store = openStore({ folder });
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

const id = '6b8d9a4e-7c1f-4a62-9d3b-5e0f1c2a3b4c';
const run: Omit<FleetRun, 'number'> = {
  task: { kind: 'read', command: 'status' },
  order: { canaryId: null, wave: 1, stopAfter: null, watchSeconds: 0 },
  command: 'ke_status',
  state: 'finished',
  stopCause: null,
  operator: 'ada',
  reason: '',
  startedAt: '2026-11-30T10:00:00.000Z',
  endedAt: '2026-11-30T10:00:01.000Z',
  waves: [{ name: 'All', isCanary: false, ids: [id] }],
};
const result: StoredResult = {
  applianceId: id,
  name: 'kiln-01',
  isProduction: false,
  state: 'done',
  skip: null,
  exitCode: 0,
  milliseconds: 12,
  tunnels: { answering: 3, total: 4 },
  revision: null,
  note: '',
  output: 'fine',
  isCut: false,
  undo: null,
};

test('when there are more runs than are kept, the oldest are deleted with their results; one that runs stays', () => {
  const rows = createRunRows({ store });
  rows.add({ ...run, state: 'running', endedAt: null }, [result]);
  for (let count = 0; count < 52; count += 1) rows.add(run, [result]);
  const numbers = rows.list().map((stored) => stored.run.number);
  expect([numbers.length, numbers[0], numbers.slice(-2)]).toEqual([51, 53, [4, 1]]);
  expect(rows.results(1)).toEqual([result]);
  expect(rows.results(3)).toEqual([]);
  expect(rows.find(3)).toBeUndefined();
});

test('when another console runs it now, its owner is not gone', () => {
  const rows = createRunRows({ store });
  const { number } = rows.add({ ...run, state: 'running', endedAt: null }, []);
  expect(rows.find(number)).toMatchObject({ isMine: true, isOwnerGone: false });
  const other = createRunRows({ store });
  store.run(store.query.updateTable('fleetRun').set({ ownerPid: process.ppid }));
  expect(other.find(number)).toMatchObject({ isMine: false, isOwnerGone: false });
  store.run(store.query.updateTable('fleetRun').set({ ownerPid: 2 ** 22 + 1 }));
  expect(other.find(number)).toMatchObject({ isMine: false, isOwnerGone: true });
});
