import { expect, test } from 'vitest';
import { aPlan } from '../../../test-support/billing/aPlan.ts';
import { makeAccounts, summarize } from '../../../test-support/billing/population.ts';
import { dayMs } from '../../base/time.ts';
import { projectMonth } from './projectMonth.ts';
import { checkThreshold } from './thresholds.ts';

const plan = aPlan({
  lines: [
    { kind: 'perUnit', id: 'users', label: 'Users', unitPrice: '2', counted: { unit: 'account' } },
    { kind: 'flat', id: 'base', label: 'Base fee', amount: '10' },
  ],
});
/** Counts of the days up to 20 November, the last one with `counts.at(-1)` accounts. */
const daily = (counts: readonly number[]) =>
  counts.map((count, index) => {
    const takenAt = new Date(
      Date.parse('2026-11-20T09:31:00Z') - (counts.length - 1 - index) * dayMs,
    ).toISOString();
    return summarize(makeAccounts(count), { month: takenAt.slice(0, 7), takenAt });
  });
const growing = (days: number, step: (day: number) => number) => {
  let count = 100;
  return Array.from({ length: days }, (_, day) => (count += step(day)));
};
const project = (counts: readonly number[]) =>
  projectMonth({ plan, month: '2026-11', snapshots: daily(counts) });

test('when accounts grow by the same number each day, the projection goes on so and has no band', () => {
  const { toDate, projection } = project(growing(40, () => 3));
  expect(toDate.total).toEqual({ known: true, value: '450.00' });
  // 10 days of 3 accounts at 2 each.
  expect(projection).toMatchObject({
    known: true,
    daysLeft: 10,
    low: { value: '510.00' },
    high: { value: '510.00' },
    invoice: { total: { value: '510.00' } },
    basis:
      'The next 10 days are assumed to grow like 30 kept spans of 10 days. The range leaves out the lowest and the highest tenth.',
  });
});

test('when counts assume changes, they grow like the kept ones, and the basis is the same', () => {
  const snapshots = daily(growing(40, () => 3));
  const { takenAt } = snapshots.at(-1) ?? { takenAt: '' };
  const assumed = {
    ...summarize(makeAccounts(150), { month: '2026-11', takenAt }),
    assumed: { markedInternal: 0, deactivated: 70, idleDays: 60 },
  };
  const { toDate, projection } = projectMonth({ plan, month: '2026-11', snapshots, assumed });
  expect(toDate.total).toEqual({ known: true, value: '310.00' });
  expect(projection).toMatchObject({ known: true, daysLeft: 10, invoice: { total: { value: '370.00' } } });
  const { projection: present } = projectMonth({ plan, month: '2026-11', snapshots });
  expect(projection.known && projection.basis).toBe(present.known && present.basis);
});

test('when many accounts came on one day, they widen the band and do not move the middle', () => {
  const { projection } = project(growing(60, (day) => (day === 25 ? 400 : 3)));
  expect(projection).toMatchObject({ known: true, low: { value: '1424.00' }, high: { value: '2218.00' } });
  expect(projection.known && projection.invoice.total).toEqual({ known: true, value: '1424.00' });
});

test('when only a few days are kept, shorter spans are extended, and the basis says so', () => {
  const { projection } = project(growing(9, () => 1));
  expect(projection).toMatchObject({ known: true, invoice: { total: { value: '248.00' } } });
  expect(projection.known && projection.basis).toContain('7 kept spans of 2 days, extended from 2 days');
});

test('when too few days are kept, there is no projected amount and the reason says how many are needed', () => {
  expect(project(growing(4, () => 1)).projection).toEqual({
    known: false,
    daysLeft: 10,
    code: 'BILLING_HISTORY_SHORT',
    reason: 'Counts of 4 days are kept; a projection needs 8 days in a row.',
  });
});

test('when counts are cut short, assumed or of another appliance, the projection leaves them out', () => {
  const snapshots = daily(growing(40, () => 3));
  const strange = summarize(makeAccounts(9000), { takenAt: '2026-11-20T10:00:00.000Z' });
  const others = [
    { ...strange, cutShort: 'the database went down' },
    { ...strange, assumed: { markedInternal: 1, deactivated: 0, idleDays: null } },
    { ...strange, applianceId: '00000000-0000-4000-8000-000000000000', takenAt: '2026-11-12T10:00:00.000Z' },
  ];
  expect(projectMonth({ plan, month: '2026-11', snapshots: [...others, ...snapshots] })).toEqual(
    projectMonth({ plan, month: '2026-11', snapshots }),
  );
});

test.each([
  ['the month before on each day', '2026-10', (day: number) => [day]],
  ['the month before on the last day only', '2026-10', (day: number) => (day === 19 ? [day] : [])],
  ['a month long ago on some days', '2026-03', (day: number) => (day % 3 === 0 ? [day] : [])],
  ['the next month on each day', '2026-12', (day: number) => [day]],
])('when counts of %s are kept too, the projection leaves them out', (_what, month, daysOf) => {
  const snapshots = daily(growing(40, () => 3));
  const others = Array.from({ length: 20 }, (_, day) => day).flatMap((day) =>
    daysOf(day).map((index) => {
      // After the counts of the same day, so that they would replace them.
      const takenAt = new Date(Date.parse('2026-11-01T20:00:00Z') + index * dayMs).toISOString();
      return summarize(makeAccounts(7000 - 200 * day), { month, takenAt });
    }),
  );
  for (const all of [
    [...snapshots, ...others],
    [...others, ...snapshots],
  ])
    expect(projectMonth({ plan, month: '2026-11', snapshots: all })).toEqual(
      projectMonth({ plan, month: '2026-11', snapshots }),
    );
});

test('when only counts of other months are kept beside the latest, there is no projected amount', () => {
  const latest = daily([100]);
  const others = Array.from({ length: 15 }, (_, day) =>
    summarize(makeAccounts(day), {
      month: '2026-10',
      takenAt: new Date(Date.parse('2026-11-05T20:00:00Z') + day * dayMs).toISOString(),
    }),
  );
  expect(
    projectMonth({ plan, month: '2026-11', snapshots: [...others, ...latest] }).projection,
  ).toMatchObject({
    code: 'BILLING_HISTORY_SHORT',
    reason: 'Counts of 1 day are kept; a projection needs 8 days in a row.',
  });
});

test('when the month is over, the projection is the invoice to date', () => {
  const end = summarize(makeAccounts(5), { takenAt: '2026-11-30T23:00:00.000Z' });
  const { toDate, projection } = projectMonth({ plan, month: '2026-11', snapshots: [end] });
  expect(projection).toMatchObject({ daysLeft: 0, invoice: toDate, low: toDate.total, high: toDate.total });
});

test('when no complete counts of the month are kept, the projection is rejected', () => {
  expect(() => projectMonth({ plan, month: '2026-12', snapshots: daily([1, 2]) })).toThrow(
    expect.objectContaining({ code: 'BILLING_COUNTS_INCOMPLETE' }),
  );
});

const known = (value: string) => ({ known: true as const, value });
const unknown = { known: false as const, code: 'BILLING_HISTORY_SHORT' as const, reason: '' };
test.each([
  ['4500.01', '4600.00', '4700.00', 'exceeded', 'bad'],
  ['4335.60', '4500.01', '4700.00', 'expected', 'warn'],
  ['4335.60', '4400.00', '4500.01', 'possible', 'warn'],
  ['4335.60', '4400.00', '4500.00', 'below', null],
] as const)(
  'when the amounts are %s, %s and %s, a threshold of 4500 is %s',
  (toDate, projected, high, state, severity) => {
    const amounts = {
      currency: 'EUR',
      toDate: known(toDate),
      projected: known(projected),
      high: known(high),
    };
    expect(checkThreshold({ amount: '4500', currency: 'EUR' }, amounts)).toMatchObject({ state, severity });
  },
);

test('when there is no projection, a threshold that is not exceeded to date is unknown and not below', () => {
  const amounts = { currency: 'EUR', toDate: known('1.00'), projected: null, high: unknown };
  expect(checkThreshold({ amount: '4500', currency: 'EUR' }, amounts)).toEqual({
    state: 'unknown',
    lasting: { exceeded: false, expected: null },
    severity: 'warn',
    message: 'It is not known whether the amount is above EUR 4,500.',
  });
});
