import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { daysBeforeOf, leadTimesSchema } from './calendarSettings.ts';
import { parseClosedDays } from './closedDays.ts';
import {
  asWallTime,
  dayOf,
  daysBetween,
  lastValidDay,
  localDayOf,
  startOfDay,
  workBackDates,
} from './calendar.ts';

const daysBefore = daysBeforeOf(leadTimesSchema.parse({}));
const planning = { daysBefore, closed: [] };
const offline = { quote: '2026-11-04', order: '2026-11-18', carry: '2026-11-27', apply: '2026-12-04' };

test.each([
  { case: 'late on a Wednesday', expiresAt: '2026-12-09T23:59:00.000Z', dates: offline },
  { case: 'at the midnight that ends that Wednesday', expiresAt: '2026-12-10T00:00:00.000Z', dates: offline },
  {
    case: 'a second after that midnight',
    expiresAt: '2026-12-10T00:00:01.000Z',
    dates: { quote: '2026-11-05', order: '2026-11-19', carry: '2026-11-30', apply: '2026-12-04' },
  },
  {
    case: 'in January, so that dates are in the year before',
    expiresAt: '2027-01-14T23:59:00.000Z',
    dates: { quote: '2026-12-10', order: '2026-12-24', carry: '2027-01-04', apply: '2027-01-08' },
  },
  {
    case: 'after a leap day',
    expiresAt: '2028-03-05T12:00:00.000Z',
    dates: { quote: '2028-01-28', order: '2028-02-11', carry: '2028-02-24', apply: '2028-02-29' },
  },
])(
  'when a licence expires $case, counts the days back and moves weekends to Friday',
  ({ expiresAt, dates }) => {
    expect(
      Object.fromEntries(
        workBackDates({ ...planning, expiresAt, mode: 'offline' }).map(({ step, day }) => [step, day]),
      ),
    ).toEqual(dates);
  },
);

test('when an appliance fetches its licence itself, nothing is carried or applied', () => {
  const dates = workBackDates({ ...planning, expiresAt: '2027-03-31T23:59:00.000Z', mode: 'connected' });
  expect(dates.map(({ step }) => step)).toEqual(['quote', 'order']);
});

test('when any licence expires, each date is a weekday, early enough and at most two days too early', () => {
  const instants = fc.date({ min: new Date('2020-01-01'), max: new Date('2060-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(instants, (expires) => {
      const expiresAt = expires.toISOString();
      for (const { step, day } of workBackDates({ ...planning, expiresAt, mode: 'offline' })) {
        expect([1, 2, 3, 4, 5]).toContain(new Date(startOfDay(day)).getUTCDay());
        const early = daysBetween(day, lastValidDay(expiresAt)) - daysBefore[step];
        expect([0, 1, 2]).toContain(early);
      }
    }),
  );
});

const datesWith = (changes: { closed?: string; days?: Partial<typeof daysBefore> }) =>
  workBackDates({
    expiresAt: '2027-01-14T23:59:00.000Z',
    mode: null,
    daysBefore: { ...daysBefore, ...changes.days },
    closed: parseClosedDays(changes.closed ?? '') ?? [],
  });

test('when a day is closed, its date moves to the last open day before, and says why', () => {
  expect(datesWith({ closed: '24 Dec – 3 Jan' })).toEqual([
    { step: 'quote', day: '2026-12-10', movedFrom: null, movedBy: null },
    { step: 'order', day: '2026-12-23', movedFrom: '2026-12-24', movedBy: 'closed 24 Dec – 3 Jan' },
    { step: 'carry', day: '2027-01-04', movedFrom: null, movedBy: null },
    { step: 'apply', day: '2027-01-08', movedFrom: '2027-01-09', movedBy: 'weekend' },
  ]);
  expect(datesWith({ closed: '19 Dec to 3 Jan' })[1]).toMatchObject({ step: 'order', day: '2026-12-18' });
});

test('when every day is closed, dates stay as they are', () => {
  expect(datesWith({ closed: '1 Jan – 31 Dec' }).map(({ day, movedBy }) => [day, movedBy])).toEqual([
    ['2026-12-10', null],
    ['2026-12-24', null],
    ['2027-01-04', null],
    ['2027-01-09', null],
  ]);
});

test('when a step has a shorter lead time than the next one, it is not later than it', () => {
  const days = datesWith({ days: { quote: 1, apply: 30 } }).map(({ day }) => day);
  expect(days).toEqual(['2026-12-15', '2026-12-15', '2026-12-15', '2026-12-15']);
});

const zones = ['Pacific/Auckland', 'Pacific/Honolulu', 'America/New_York', 'Europe/Berlin', 'UTC'];
afterEach(() => vi.unstubAllEnvs());

test.each(zones)(
  'when this computer is in %s, its day is the one on its wall, also across a change',
  (zone) => {
    vi.stubEnv('TZ', zone);
    const format = new Intl.DateTimeFormat('sv-SE', {
      timeZone: zone,
      dateStyle: 'short',
      timeStyle: 'medium',
    });
    const instants = fc.integer({ min: Date.UTC(2024, 0), max: Date.UTC(2028, 0) });
    fc.assert(
      fc.property(instants, (instant) => {
        const second = Math.floor(instant / 1000) * 1000;
        const wall = format.format(second);
        expect(new Date(asWallTime(second)).toISOString().slice(0, 19).replace('T', ' ')).toBe(wall);
        expect(localDayOf(second)).toBe(wall.slice(0, 10));
      }),
    );
  },
);

test.each(zones)('when this computer is in %s, the dates of a renewal are the same', (zone) => {
  vi.stubEnv('TZ', zone);
  // The clocks of Auckland changed on 27 September 2026 and change on 4 April 2027.
  for (const [expiresAt, quote] of [
    ['2026-09-27T00:00:00.000Z', '2026-08-21'],
    ['2026-12-10T00:00:00.000Z', '2026-11-04'],
    ['2027-04-04T00:00:00.000Z', '2027-02-26'],
  ] as const)
    expect(workBackDates({ ...planning, expiresAt, mode: null })[0]).toMatchObject({ day: quote });
  expect(dayOf(Date.parse('2026-12-10T00:00:00.000Z'))).toBe('2026-12-10');
});
