import fc from 'fast-check';
import { expect, test } from 'vitest';
import { listLicenceEvents, writeICalendar } from './iCalendar.ts';

const now = Date.parse('2026-11-29T03:00:00.000Z');
const anEvent = { uid: '1@sallyport', day: '2026-12-31', summary: 'quay-01: Apply', description: '' };
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

test('when a licence expires at midnight UTC, its last day is the day before, in every time zone', () => {
  const licence = {
    applianceId: 'a',
    applianceName: 'quay-01',
    expiresAt: '2026-12-10T00:00:00.000Z',
    mode: 'offline' as const,
  };
  const days = listLicenceEvents(licence).map(({ day, summary }) => `${day} ${summary}`);
  expect(days).toEqual([
    '2026-11-04 quay-01: Ask for a quote',
    '2026-11-18 quay-01: Order',
    '2026-11-27 quay-01: Carry out and back',
    '2026-12-04 quay-01: Apply',
    '2026-12-09 quay-01: last day of the licence',
  ]);
  const before = process.env['TZ'];
  for (const zone of ['Pacific/Auckland', 'Pacific/Honolulu']) {
    process.env['TZ'] = zone;
    expect(listLicenceEvents(licence).map(({ day, summary }) => `${day} ${summary}`)).toEqual(days);
  }
  if (before === undefined) delete process.env['TZ'];
  else process.env['TZ'] = before;
});
