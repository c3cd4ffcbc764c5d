import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { aLicence } from '../../../test-support/aLicence.ts';
import { leadTimesSchema, remindersSchema } from './calendarSettings.ts';
import { listLicenceEvents, writeICalendar, type CalendarEvent } from './iCalendar.ts';
import { licenceWorkSchema } from './licenceWork.ts';
import { scheduleRenewal } from './scheduleRenewal.ts';

const now = Date.parse('2026-11-29T03:00:00.000Z');
const anEvent: CalendarEvent = {
  uid: '1@sallyport',
  start: { day: '2026-12-31' },
  summary: 'quay-01: Apply',
  description: '',
  alarmDays: [],
};
const unfold = (text: string) => text.replaceAll('\r\n ', '').split('\r\n');

test('when an event is on the last day of a year, it ends on the first day of the next', () => {
  expect(unfold(writeICalendar([anEvent], now))).toEqual([
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Sallyport//Licence calendar//EN',
    'CALSCALE:GREGORIAN',
    'BEGIN:VEVENT',
    'UID:1@sallyport',
    'DTSTAMP:20261129T030000Z',
    'DTSTART;VALUE=DATE:20261231',
    'DTEND;VALUE=DATE:20270101',
    'SUMMARY:quay-01: Apply',
    'DESCRIPTION:',
    'TRANSP:TRANSPARENT',
    'END:VEVENT',
    'END:VCALENDAR',
    '',
  ]);
});

test.each([
  ['a,b;c\\d', String.raw`a\,b\;c\\d`],
  ['one\ntwo', String.raw`one\ntwo`],
  ['END:VEVENT\r\nBEGIN:VALARM', String.raw`END:VEVENT\nBEGIN:VALARM`],
  ['\u0000\u202e', ''],
])('when a text contains %j, escapes it so that it stays one value', (summary, escaped) => {
  expect(unfold(writeICalendar([{ ...anEvent, summary }], now))).toContain(`SUMMARY:${escaped}`);
});

test('when a text is long, no line has more than 75 bytes and no character is split', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), (summary) => {
      const text = writeICalendar([{ ...anEvent, summary }], now);
      const lines = text.split('\r\n');
      expect(lines.filter((line) => Buffer.byteLength(line) > 75)).toEqual([]);
      expect(text.includes('\ufffd')).toBe(summary.includes('\ufffd') && text.includes('\ufffd'));
      const short = writeICalendar([{ ...anEvent, summary: '' }], now);
      expect(unfold(text)).toHaveLength(unfold(short).length);
    }),
  );
});

const triggers = (event: CalendarEvent) =>
  unfold(writeICalendar([event], now)).filter((line) => line.startsWith('TRIGGER'));

test('when an event has alarms, they ring at 9:00 of a day and at the time of an instant', () => {
  expect(triggers({ ...anEvent, alarmDays: [14, 1, 0] })).toEqual([
    'TRIGGER:-P13DT15H',
    'TRIGGER:-P0DT15H',
    'TRIGGER:PT9H',
  ]);
  expect(triggers({ ...anEvent, start: { instant: '2026-12-10T00:00:00.000Z' }, alarmDays: [3] })).toEqual([
    'TRIGGER:-P3D',
  ]);
});

const licence = aLicence({
  state: 'valid',
  sequence: 12,
  expiresAt: '2026-12-10T00:00:00.000Z',
  graceEndsAt: '2026-12-24T00:00:00.000Z',
  mode: 'offline',
});
function eventsOf(work: unknown = {}): CalendarEvent[] {
  const schedule = scheduleRenewal({
    licence,
    work: licenceWorkSchema.parse(work),
    trip: null,
    leadTimes: leadTimesSchema.parse({}),
    now: Date.parse('2026-10-01T12:00:00.000Z'),
  });
  const reminders = remindersSchema.parse({});
  return listLicenceEvents({ applianceId: 'a', applianceName: 'quay-01', licence, schedule, reminders });
}
afterEach(() => vi.unstubAllEnvs());

test.each(['Pacific/Auckland', 'Pacific/Honolulu', 'UTC'])(
  'when a licence expires at midnight UTC, its events are the same in %s, and its expiry is an instant',
  (zone) => {
    vi.stubEnv('TZ', zone);
    const starts = unfold(writeICalendar(eventsOf(), now)).filter((line) => line.startsWith('DTSTART'));
    expect(starts).toEqual([
      'DTSTART;VALUE=DATE:20261104',
      'DTSTART;VALUE=DATE:20261118',
      'DTSTART;VALUE=DATE:20261127',
      'DTSTART;VALUE=DATE:20261204',
      'DTSTART:20261210T000000Z',
      'DTSTART:20261224T000000Z',
    ]);
    expect(eventsOf().map(({ uid }) => uid)).toEqual(
      ['quote', 'order', 'carry', 'apply', 'expiry', 'grace'].map((part) => `a-2026-12-09-${part}@sallyport`),
    );
  },
);

test('when a step is done, its event stays and has no alarms', () => {
  const done = { quote: { at: '2026-11-01T00:00:00.000Z', by: 'ada', note: 'PO 88140' } };
  const [quote, order] = eventsOf({ done });
  expect(quote).toMatchObject({ summary: 'quay-01: Ask for a quote (done)', alarmDays: [] });
  expect(quote?.description).toContain('Done by ada: PO 88140.');
  expect(order?.alarmDays).toEqual([14, 3]);
});

test('when a licence is snoozed, no alarm rings before the snooze ends', () => {
  const snooze = { until: '2026-11-10', reason: 'r', at: '2026-10-01T00:00:00.000Z', by: 'ada' };
  const alarms = eventsOf({ snooze }).map(({ uid, alarmDays }) => [uid.split('-').at(-1), alarmDays]);
  expect(alarms).toEqual([
    ['quote@sallyport', []],
    ['order@sallyport', [3]],
    ['carry@sallyport', [7, 1]],
    ['apply@sallyport', [7, 1]],
    ['expiry@sallyport', [14, 3]],
    ['grace@sallyport', []],
  ]);
});
