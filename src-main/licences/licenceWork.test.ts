import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { aLicence } from '../../test-support/aLicence.ts';
import { anInput } from '../../test-support/anEntry.ts';
import { noChangeFeed } from '../../test-support/noChangeFeed.ts';
import { noPolicy } from '../../test-support/noPolicy.ts';
import { silentLog } from '../../test-support/silentLog.ts';
import type { LicenceShowOutput } from '../../src-shared/model/licence/licence.ts';
import { createAudit } from '../audit/audit.ts';
import { createInventory } from '../inventory/inventory.ts';
import { openStore } from '../store/store.ts';
import { createLicenceWork, type LicenceWorkService } from './licenceWork.ts';

// quote 4 Nov, order 18 Nov, carry 27 Nov, apply 4 Dec
const installed = aLicence({
  state: 'valid',
  sequence: 12,
  expiresAt: '2026-12-10T00:00:00.000Z',
  mode: 'offline',
});
let folder: string;
let now: number;
let licence: LicenceShowOutput;
let close: (() => void)[] = [];

const clock = () => now;

/** A console on the shared data folder. */
function start() {
  const store = openStore({ folder });
  const marks: string[] = [];
  const audit = createAudit({
    store,
    changes: noChangeFeed,
    actor: { operator: 'ada', role: 'admin', source: 'web pid 1' },
    clock,
    log: silentLog,
  });
  const inventory = createInventory({ store, clock, operator: 'ada' });
  const work = createLicenceWork({
    inventory,
    licenceOf: () => licence,
    audit,
    policy: noPolicy,
    store,
    changes: { mark: ({ appliance }) => void (appliance === undefined ? null : marks.push(appliance)) },
    clock,
    operator: 'ada',
    log: silentLog,
  });
  close.push(work.close, store.close);
  return { work, audit, inventory, marks };
}
let one: ReturnType<typeof start>;
let id: string;
const scheduleOf = (work: LicenceWorkService) => work.scheduleOf(id, licence);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-licence-work-'));
  now = Date.parse('2026-11-03T12:00:00.000Z');
  licence = installed;
  one = start();
  id = one.inventory.add(anInput('quay-01'), []).id;
});
afterEach(() => {
  for (const step of close) step();
  close = [];
  rmSync(folder, { recursive: true, force: true });
});

test('when steps are marked, they are kept for this licence only, and can be undone', async () => {
  const { work, marks } = one;
  const quay = { applianceId: id, sequence: 12 };
  await work.markStep({ ...quay, step: 'quote', isDone: true, note: 'offer 7' });
  await work.markStep({ ...quay, step: 'order', isDone: true, note: 'PO 88140' });
  expect(marks).toEqual([id, id]);
  const restarted = start().work;
  expect(scheduleOf(restarted)).toMatchObject({
    dates: [
      { step: 'quote', done: { by: 'ada', note: 'offer 7' } },
      { step: 'order', done: { note: 'PO 88140' } },
      { step: 'carry', done: null },
      { step: 'apply', done: null },
    ],
    next: { step: 'carry' },
  });
  await work.markStep({ ...quay, step: 'order', isDone: false, note: '' });
  expect(scheduleOf(work)).toMatchObject({ next: { step: 'order' } });
  licence = { ...installed, sequence: 13, expiresAt: '2027-12-10T00:00:00.000Z' };
  expect(scheduleOf(work)).toMatchObject({ next: { step: 'quote' } });
});

test('when a licence is snoozed, nothing is due or reminded until its day; the trail says who and why', async () => {
  const { work, audit } = one;
  const quay = { applianceId: id, sequence: 12 };
  expect(scheduleOf(work).isDue).toBe(true);
  await work.snooze({ ...quay, until: '2026-11-09', reason: 'Budget meeting' });
  expect(scheduleOf(work)).toMatchObject({ isDue: false, snooze: { by: 'ada', reason: 'Budget meeting' } });
  expect(work.dueReminders(id, licence)).toEqual([]);
  now = Date.parse('2026-11-09T12:00:00.000Z');
  expect(scheduleOf(work)).toMatchObject({ isDue: true, snooze: null });
  expect(work.dueReminders(id, licence).length).toBeGreaterThan(0);
  await work.snooze({ ...quay, until: '2026-11-12', reason: 'Still waiting' });
  await work.endSnooze(quay);
  expect(scheduleOf(work)).toMatchObject({ isDue: true, snooze: null });
  const { records } = audit.list({ before: null, limit: 10, query: 'licence.snooze' });
  expect(
    records.filter(({ phase }) => phase === 'outcome').map(({ object, detail }) => [object, detail]),
  ).toEqual([
    ['quay-01', 'ended'],
    ['quay-01', 'until 2026-11-12: Still waiting'],
    ['quay-01', 'until 2026-11-09: Budget meeting'],
  ]);
});

test.each(['2026-11-03', '2026-11-02', '2027-11-05'])('rejects a snooze until %s', async (until) => {
  const request = { applianceId: id, sequence: 12, until, reason: 'r' };
  await expect(one.work.snooze(request)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
});

test('when another licence is installed by now, rejects changes with CONFLICT', async () => {
  licence = { ...installed, sequence: 13 };
  const quay = { applianceId: id, sequence: 12 };
  const conflict = { code: 'CONFLICT' };
  await expect(one.work.markStep({ ...quay, step: 'quote', isDone: true, note: '' })).rejects.toMatchObject(
    conflict,
  );
  await expect(one.work.snooze({ ...quay, until: '2026-11-09', reason: 'r' })).rejects.toMatchObject(
    conflict,
  );
  await expect(one.work.endSnooze(quay)).rejects.toMatchObject(conflict);
});

test('when lead times change, all dates change; the trail has both values', async () => {
  const { work, audit, marks } = one;
  await work.setLeadTimes({ ...work.leadTimes(), quoteDays: 60, closedDays: '10 Oct' });
  expect(scheduleOf(work).dates[0]).toMatchObject({
    step: 'quote',
    day: '2026-10-09',
    movedBy: 'closed 10 Oct',
  });
  expect(marks).toEqual([id]);
  const { records } = audit.list({ before: null, limit: 1, query: 'licence.settings' });
  expect(records[0]?.detail).toContain('"quoteDays":35');
  expect(records[0]?.detail).toContain('"quoteDays":60');
});

test.each([{ quoteDays: 20 }, { orderDays: 5 }, { carryDays: 4 }, { applyDays: 36 }])(
  'when lead times would plan a step after the next one (%j), they are refused and nothing is changed',
  async (changes) => {
    const { work, audit } = one;
    const before = work.leadTimes();
    await expect(work.setLeadTimes({ ...before, ...changes })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
    expect(work.leadTimes()).toEqual(before);
    expect(audit.list({ before: null, limit: 1, query: 'licence.settings' }).records).toEqual([]);
  },
);

test('when another console marks a step, this one shows it', async () => {
  expect(scheduleOf(one.work).next).toMatchObject({ step: 'quote' });
  const other = start();
  await other.work.markStep({ applianceId: id, sequence: 12, step: 'quote', isDone: true, note: '' });
  await expect.poll(() => scheduleOf(one.work).next, { timeout: 10_000 }).toMatchObject({ step: 'order' });
  await expect.poll(() => one.marks).toContain(id);
});
