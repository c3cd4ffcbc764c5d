import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dayMs } from '../../base/time.ts';
import {
  dayOf,
  daysBetween,
  lastValidDay,
  nextWorkDate,
  startOfDay,
  workBackDates,
  workSteps,
} from './calendar.ts';

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
      Object.fromEntries(workBackDates({ expiresAt, mode: 'offline' }).map(({ step, day }) => [step, day])),
    ).toEqual(dates);
  },
);

test('when an appliance fetches its licence itself, nothing is carried or applied', () => {
  const dates = workBackDates({ expiresAt: '2027-03-31T23:59:00.000Z', mode: 'connected' });
  expect(dates.map(({ step }) => step)).toEqual(['quote', 'order']);
});

test('when any licence expires, each date is a weekday, early enough and at most two days too early', () => {
  const instants = fc.date({ min: new Date('2020-01-01'), max: new Date('2060-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(instants, (expires) => {
      const expiresAt = expires.toISOString();
      for (const { step, day } of workBackDates({ expiresAt, mode: 'offline' })) {
        expect([1, 2, 3, 4, 5]).toContain(new Date(startOfDay(day)).getUTCDay());
        const early = daysBetween(day, lastValidDay(expiresAt)) - workSteps[step].daysBefore;
        expect([0, 1, 2]).toContain(early);
      }
    }),
  );
});

test('when time passes, the next step is the first whose day has not ended', () => {
  const dates = workBackDates({ expiresAt: '2026-12-09T23:59:00.000Z', mode: null });
  const nextAt = (instant: string) => nextWorkDate(dates, Date.parse(instant))?.step ?? null;
  expect({
    onTheDay: nextAt('2026-11-27T23:59:59.000Z'),
    dayAfter: nextAt('2026-11-28T00:00:00.000Z'),
    tooLate: nextAt('2026-12-05T00:00:00.000Z'),
  }).toEqual({ onTheDay: 'carry', dayAfter: 'apply', tooLate: null });
  expect(dayOf(Date.parse('2026-11-28T00:00:00.000Z') - dayMs)).toBe('2026-11-27');
});
