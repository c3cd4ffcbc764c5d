import { expect, test } from 'vitest';
import { aLicence } from '../../../test-support/aLicence.ts';
import { leadTimesSchema, parseReminderDays, remindersSchema, type Reminders } from './calendarSettings.ts';
import { addDays } from './calendar.ts';
import type { LicenceShowOutput } from './licence.ts';
import { findNextReminders, listDueReminders } from './licenceReminders.ts';
import { licenceWorkSchema } from './licenceWork.ts';
import { scheduleRenewal } from './scheduleRenewal.ts';

// quote 4 Nov, order 18 Nov, carry 27 Nov, apply 4 Dec
const licence = aLicence({
  state: 'valid',
  sequence: 12,
  expiresAt: '2026-12-10T00:00:00.000Z',
  mode: 'offline',
});
const done = { at: '2026-10-02T00:00:00.000Z', by: 'ada', note: '' };

type Case = { licence?: Partial<LicenceShowOutput>; work?: unknown; reminders?: Partial<Reminders> };
function prepare(on: string, input: Case) {
  const now = Date.parse(`${on}T12:00:00.000Z`);
  const value = { ...licence, ...input.licence };
  const work = licenceWorkSchema.parse(input.work ?? {});
  const schedule = scheduleRenewal({
    licence: value,
    work,
    trip: null,
    leadTimes: leadTimesSchema.parse({}),
    now,
  });
  const reminders = remindersSchema.parse(input.reminders ?? {});
  return { now, licence: value, schedule, reminders, snoozedUntil: work.snooze?.until ?? null };
}
const idsOn = (on: string, input: Case = {}) => listDueReminders(prepare(on, input)).map(({ id }) => id);

test('when days pass, each role is reminded once for each of its days', () => {
  const raised: string[] = [];
  for (let day = '2026-10-01'; day < '2026-12-10'; day = addDays(day, 1))
    for (const id of idsOn(day)) if (!raised.includes(id)) raised.push(id);
  expect(raised).toEqual([
    'quote 2026-11-04 14',
    'quote 2026-11-04 3',
    'expiry 2026-12-09 30',
    'expiry 2026-12-09 14',
    'expiry 2026-12-09 3',
  ]);
});

test.each<[string, string, Case, string[]]>([
  ['no date is near', '2026-10-01', {}, []],
  ['only the last day of several has come', '2026-11-02', {}, ['quote 2026-11-04 3']],
  ['the quote is done', '2026-11-04', { work: { done: { quote: done } } }, ['order 2026-11-18 14']],
  ['its role has no days', '2026-11-02', { reminders: { purchasingDays: '' } }, []],
  ['it is in grace', '2026-12-12', { licence: { state: 'grace' } }, ['grace 2026-12-12']],
  [
    'it is in grace without a daily reminder',
    '2026-12-12',
    { licence: { state: 'grace' }, reminders: { dailyInGrace: false } },
    ['grace'],
  ],
  ['it expired', '2027-02-01', { licence: { state: 'expired' } }, ['expired']],
  ['it is missing', '2026-11-02', { licence: { state: 'missing', expiresAt: null } }, ['missing']],
  ['none is required', '2026-11-02', { licence: { state: 'not-required', expiresAt: null } }, []],
])('when %s, raises exactly its reminders', (_case, on, input, ids) => {
  expect(idsOn(on, input)).toEqual(ids);
});

test('when a licence is snoozed, no role is reminded; after the snooze, of what is due then', () => {
  const snooze = { until: '2026-11-03', reason: 'r', at: done.at, by: 'ada' };
  expect(idsOn('2026-11-02', { work: { snooze } })).toEqual([]);
  expect(idsOn('2026-11-03', { work: { snooze } })).toEqual(['quote 2026-11-04 3 after 2026-11-03']);
});

test('when a reminder is raised, it names the role, the step and the day', () => {
  expect(listDueReminders(prepare('2026-11-20', {})).map(({ text }) => text)).toEqual([
    'for purchasing: ask the vendor for a quote, was due by Wed 4 Nov',
    'for administrator: the licence expires, its last day is Wed 9 Dec',
  ]);
});

test('when an appliance fetches its licence itself and it is ordered, no role is reminded of a step', () => {
  const input = { licence: { mode: 'connected' }, work: { done: { order: done } } } as const;
  expect(idsOn('2026-12-08', input)).toEqual(['expiry 2026-12-09 3']);
});

function nextOn(on: string, input: Case = {}) {
  const { now, reminders, ...one } = prepare(on, input);
  return findNextReminders([one], reminders, now);
}

test('when reminders are ahead, says the next one of each role', () => {
  expect(nextOn('2026-10-01')).toEqual({
    purchasing: { day: '2026-10-21', isDue: false },
    manager: null,
    administrator: { day: '2026-11-09', isDue: false },
  });
  expect(nextOn('2026-10-21').purchasing).toEqual({ day: '2026-10-21', isDue: true });
  expect(nextOn('2026-11-20', { work: { done: { order: done } } }).manager?.isDue).toBe(true);
});

test.each([
  ['14, 3', [14, 3]],
  ['3 14 3', [14, 3]],
  ['', []],
  ['0', [0]],
  ['366', null],
  ['-1', null],
  ['3.5', null],
  ['1,2,3,4,5,6,7,8,9,10,11', null],
])('reads the days %j', (text, days) => expect(parseReminderDays(text)).toEqual(days));
