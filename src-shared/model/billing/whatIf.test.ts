import { expect, test } from 'vitest';
import { aPlan } from '../../../test-support/billing/aPlan.ts';
import { makeAccounts, summarize } from '../../../test-support/billing/population.ts';
import { priceWhatIf } from './whatIf.ts';

const summary = summarize([
  ...makeAccounts(4232),
  ...makeAccounts(318, { connector: 'cmis' }),
  ...makeAccounts(40, { admin: true }),
  ...makeAccounts(12, { internal: true }),
  ...makeAccounts(506, { active: false }),
]);
const plan = aPlan();
const active = { activity: 'active', internal: 'billable', role: 'nonAdmin' } as const;
const markInternal = {
  kind: 'markInternal',
  label: 'Mark 26 accounts',
  accounts: [{ connector: 'smb', ...active, count: 26 }],
} as const;
const deactivate = {
  kind: 'deactivate',
  label: 'Deactivate idle accounts',
  accounts: [{ connector: 'cmis', ...active, count: 318 }],
} as const;
const value = (amount: { known: boolean; value?: string }) => (amount.known ? amount.value : null);

test('when accounts are marked and deactivated, each step has its saving, and the names that go out are counted', () => {
  const result = priceWhatIf({ summary, plan }, [
    { ...markInternal, accounts: [...markInternal.accounts] },
    { ...deactivate, accounts: [...deactivate.accounts] },
  ]);
  expect(value(result.before.total)).toBe('4400.00');
  expect(value(result.after.total)).toBe('4124.80');
  expect(
    result.steps.map(({ saving, addedNames, savingPerName }) => [value(saving), addedNames, savingPerName]),
  ).toEqual([
    ['20.80', 26, '0.80'],
    ['254.40', 0, null],
  ]);
  expect(result.plainText).toEqual({ before: 12, after: 38, added: 26 });
  expect(result.after.isWhatIf).toBe(true);
  expect(result.after.lines.map(({ label, quantity }) => [label, quantity])).toEqual([
    ['Active users, first 1,000', 1000],
    ['Active users, 1,001–5,000', 3206],
    ['Admin accounts', 40],
    ['Internal development, waived', 38],
    ['Inactive, not billed', 824],
  ]);
  // The counts that were given are not changed.
  expect(summary.connectors[0]?.accounts.active.billable.nonAdmin).toBe(318);
});

test('when the plan changes, the same counts are priced by the other plan', () => {
  const tiers = [
    { upTo: 1000, unitPrice: '1.20' },
    { upTo: null, unitPrice: '0.86' },
  ];
  const volume = aPlan({
    id: 'volume',
    lines: [{ kind: 'volume', id: 'users', label: 'Users', tiers, counted: { unit: 'account' } }],
  });
  const result = priceWhatIf({ summary, plan }, [{ kind: 'plan', label: 'Volume', plan: volume }]);
  expect(value(result.after.total)).toBe('3947.40');
  expect(result.steps[0]).toMatchObject({ saving: { value: '452.60' }, addedNames: 0, savingPerName: null });
  expect(value(result.comparison.difference)).toBe('-452.60');
});

test('when end users are charged, moved accounts leave their number unknown, and counts of the appliance give it', () => {
  const people = aPlan({
    lines: [{ kind: 'perUnit', id: 'people', label: 'People', unitPrice: '1', counted: { unit: 'endUser' } }],
  });
  const base = { summary, plan: people };
  const moved = priceWhatIf(base, [{ ...deactivate, accounts: [...deactivate.accounts] }]);
  expect(moved.after.total).toMatchObject({ known: false, code: 'BILLING_COUNT_MISSING' });
  expect(moved.steps[0]?.saving).toMatchObject({ known: false });
  const counted = summarize([...makeAccounts(4232), ...makeAccounts(40, { admin: true })]);
  const assumed = { markedInternal: 0, deactivated: 318, idleDays: 60 };
  const exact = priceWhatIf(base, [{ kind: 'counts', label: 'Idle', summary: { ...counted, assumed } }]);
  expect(value(exact.after.total)).toBe('4272.00');
});

test.each([
  ['more accounts than there are', { connector: 'cmis', ...active, count: 319 }],
  ['accounts of an unknown connector', { connector: 'webdav', ...active, count: 1 }],
])('when a step moves %s, it is rejected', (_what, accounts) => {
  expect(() =>
    priceWhatIf({ summary, plan }, [{ kind: 'deactivate', label: '', accounts: [accounts] }]),
  ).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
});
