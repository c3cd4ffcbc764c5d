import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  computeIndependently,
  filterAccounts,
  findFreeAccounts,
} from '../../../test-support/billing/independentInvoice.ts';
import { summarize, type TestAccount } from '../../../test-support/billing/population.ts';
import { randomPlans } from '../../../test-support/billing/randomPlans.ts';
import { planLineKinds } from './charges.ts';
import { priceMonth } from './priceMonth.ts';

const connectors = ['alfresco', 'cmis', 'smb'];
/** Connectors that the appliance may list without accounts; the last one never has any. */
const installed = [...connectors, 'webdav'];
const plan = randomPlans({
  connectors,
  from: [null, '2020-01-01', '2027-02-10'],
  to: [null, '2027-02-19', '2027-02-28', '2030-12-31'],
});

const population: fc.Arbitrary<TestAccount[]> = fc.array(
  fc.record({
    connector: fc.constantFrom(...connectors),
    user: fc.integer({ min: 0, max: 25 }).map((number) => `user-${number}`),
    active: fc.boolean(),
    admin: fc.boolean(),
    internal: fc.boolean(),
  }),
  { maxLength: 60 },
);

/** Whole units of the last digit as the text of an amount. */
function format(amount: bigint, digits: number): string {
  const text = String(amount < 0n ? -amount : amount).padStart(digits + 1, '0');
  const point = text.length - digits;
  const shown = digits === 0 ? text : `${text.slice(0, point)}.${text.slice(point)}`;
  return amount < 0n ? `-${shown}` : shown;
}

const runs = 1000;

test(`when ${runs} random plans price random populations, a second computation agrees on every count and amount`, () => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(plan, population, fc.subarray(installed), (plan, accounts, installed) => {
      const invoice = priceMonth(plan, summarize(accounts, { month: '2027-02', installed }));
      const expected = computeIndependently(plan, accounts, '2027-02');
      const rows = expected.rows.map(({ key, quantity, amount }) => [
        key,
        quantity,
        format(amount, expected.digits),
      ]);
      if (expected.difference !== 0n)
        rows.push(['rounding', null, format(expected.difference, expected.digits)].map(String));
      const charged = invoice.lines.filter(({ key }) => !key.startsWith('uncharged/'));
      expect(
        charged.map(({ key, quantity, amount }) =>
          key === 'rounding'
            ? [key, 'null', amount.known && amount.value]
            : [key, quantity, amount.known && amount.value],
        ),
      ).toEqual(rows);
      expect(invoice.total).toEqual({ known: true, value: format(expected.total, expected.digits) });
      for (const [why, free] of Object.entries(findFreeAccounts(plan, accounts))) {
        const line = invoice.lines.find(({ key }) => key === `uncharged/${why}`);
        expect(line?.quantity ?? 0).toBe(free.length);
        if (line?.selection == null) continue;
        expect(filterAccounts(line.selection, accounts)).toEqual(free);
        seen.set(`${why} selected`, (seen.get(`${why} selected`) ?? 0) + 1);
      }
      expect(invoice.plainTextAccounts).toBe(accounts.filter(({ internal }) => internal).length);
      for (const { kind } of invoice.lines) seen.set(kind, (seen.get(kind) ?? 0) + 1);
    }),
    { numRuns: runs },
  );
  // Every kind of line took part often enough for the agreement to mean something.
  const often = Object.keys(planLineKinds).concat(
    ['included', 'minimum', 'rounding', 'waived', 'notBilled'],
    ['waived selected', 'inactive selected', 'active selected'],
  );
  expect(often.filter((kind) => (seen.get(kind) ?? 0) < 50)).toEqual([]);
});
