import { expect, test } from 'vitest';
import { planLineKinds } from '../src-shared/model/billing/charges.ts';
import { pricedExamples } from './planExamples.ts';

test('when the documented examples are priced, each has the total that was computed by hand', () => {
  expect(pricedExamples.map(({ title, invoice }) => [title, invoice.total])).toEqual(
    pricedExamples.map(({ title, total }) => [title, { known: true, value: total }]),
  );
});

test('when a kind of plan line exists, it has an example', () => {
  const titles = pricedExamples.map(({ title }) => title);
  expect(Object.values(planLineKinds).filter(({ label }) => !titles.includes(label))).toEqual([]);
});
