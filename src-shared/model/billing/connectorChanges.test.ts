import { expect, test } from 'vitest';
import { aPlan } from '../../../test-support/billing/aPlan.ts';
import { makeAccounts, summarize } from '../../../test-support/billing/population.ts';
import type { UsageSummary } from '../usage/usageSummary.ts';
import type { BillingPlan } from './billingPlan.ts';
import { compareInvoices } from './compareInvoices.ts';
import { findConnectorChanges } from './connectorChanges.ts';
import { priceMonth } from './priceMonth.ts';

const counted = (smb: number, cmis: number, month: string, webdav = 0) =>
  summarize(
    [
      ...makeAccounts(smb),
      ...makeAccounts(cmis, { connector: 'cmis' }),
      ...makeAccounts(webdav, { connector: 'webdav' }),
    ],
    { month },
  );

function explain(before: UsageSummary, now: UsageSummary, plan: BillingPlan = aPlan()) {
  const [first, second] = [priceMonth(plan, before), priceMonth(plan, now)];
  const counts = { before, now, expected: null, days: [] };
  return Object.fromEntries(
    compareInvoices(first, second).lines.map((line) => {
      const selection = second.lines.find(({ key }) => key === line.key)?.selection ?? null;
      return [line.key, findConnectorChanges(counts, { line, selection }, second)];
    }),
  );
}

const known = (value: string) => ({ known: true, value });

test('when a line has more accounts, each connector has its part, and the parts add up to the line', () => {
  const found = explain(counted(900, 90, '2026-10'), counted(905, 50, '2026-11', 3));
  expect(found['users/tier-1']).toEqual([
    { connector: 'cmis', before: 90, now: 50, expected: null, amount: known('-48.00'), burst: null },
    { connector: 'smb', before: 900, now: 905, expected: null, amount: known('6.00'), burst: null },
    { connector: 'webdav', before: 0, now: 3, expected: null, amount: known('3.60'), burst: null },
  ]);
});

test('when prices make parts of cents, the rounded parts still add up', () => {
  const plan = aPlan({
    lines: [
      {
        kind: 'perUnit',
        id: 'users',
        label: 'Users',
        counted: { unit: 'account' },
        unitPrice: '0.333',
      },
    ],
  });
  const [changes = []] = Object.values(explain(counted(1, 1, '2026-10'), counted(2, 2, '2026-11', 1), plan));
  const parts = changes.map(({ amount }) => (amount?.known === true ? amount.value : ''));
  expect(parts).toEqual(['0.33', '0.34', '0.33']);
});

test('when several tiers change, connectors are named without amounts, because a tier has no accounts of its own', () => {
  const found = explain(counted(990, 0, '2026-10'), counted(990, 30, '2026-11'));
  expect(found['users/tier-2']).toMatchObject([{ connector: 'cmis', now: 30, amount: null }]);
});

test('when a plan counts end users, connectors are named without amounts, because users have several accounts', () => {
  const plan = aPlan({
    lines: [{ kind: 'perUnit', id: 'users', label: 'Users', counted: { unit: 'endUser' }, unitPrice: '1' }],
  });
  const [changes = []] = Object.values(explain(counted(1, 1, '2026-10'), counted(4, 1, '2026-11'), plan));
  expect(changes).toMatchObject([{ connector: 'smb', before: 1, now: 4, amount: null }]);
});

test('when nothing changed, no connector is named', () => {
  expect(explain(counted(5, 5, '2026-10'), counted(5, 5, '2026-11'))['users/tier-1']).toEqual([]);
});
