import { expect, test } from 'vitest';
import { aPlan } from '../../../test-support/billing/aPlan.ts';
import { makeAccounts, summarize } from '../../../test-support/billing/population.ts';
import { priceMonth } from './priceMonth.ts';

const accounts = [
  ...makeAccounts(3000),
  ...makeAccounts(1492, { connector: 'cmis' }),
  ...makeAccounts(38, { admin: true }),
  ...makeAccounts(12, { internal: true }),
  ...makeAccounts(506, { active: false }),
];
const summary = summarize(accounts);

const rowsOf = (invoice: ReturnType<typeof priceMonth>) =>
  invoice.lines.map(({ label, quantity, unitPrice, amount }) => [
    label,
    quantity,
    unitPrice,
    amount.known ? amount.value : amount.reason,
  ]);

test('when a month is priced, each tier, role and group without charge has its own line, and they add up', () => {
  const invoice = priceMonth(aPlan(), summary);
  expect(rowsOf(invoice)).toEqual([
    ['Active users, first 1,000', 1000, '1.20', '1200.00'],
    ['Active users, 1,001–5,000', 3492, '0.80', '2793.60'],
    ['Admin accounts', 38, '9.00', '342.00'],
    ['Internal development, waived', 12, '0.00', '0.00'],
    ['Inactive, not billed', 506, '0.00', '0.00'],
  ]);
  expect(invoice).toMatchObject({
    total: { known: true, value: '4335.60' },
    rounding: 'Each line is rounded half up to 2 digits, then added.',
    plainTextAccounts: 12,
    isWhatIf: false,
  });
  expect(invoice.lines[1]).toMatchObject({
    key: 'users/tier-2',
    reason: 'Charged are active non-admin accounts of all connectors, not marked as internal development.',
    selection: {
      unit: 'account',
      activity: 'active',
      role: 'nonAdmin',
      internal: 'billable',
      connectors: null,
    },
  });
});

test('when distinct end users are fewer than accounts, a line shows both', () => {
  const shared = [
    ...makeAccounts(5),
    ...makeAccounts(3).map((account) => ({ ...account, connector: 'cmis' })),
  ];
  const [line] = priceMonth(aPlan(), summarize(shared)).lines;
  expect(line).toMatchObject({ quantity: 8, alternative: { unit: 'endUser', count: 5 } });
});

const internalOf = (count: number, change: Parameters<typeof makeAccounts>[1]) =>
  makeAccounts(count, { internal: true, ...change });
test.each([
  [
    'as many active accounts, which no line counts',
    { activity: 'total' as const, role: 'admin' as const },
    [...internalOf(3, { admin: true, active: false }), ...internalOf(3, {})],
    { activity: 'inactive', role: 'all', connectors: null },
  ],
  [
    'as many accounts of another connector',
    { activity: 'active' as const, connectors: ['smb'] },
    [...internalOf(3, {}), ...internalOf(3, { connector: 'cmis', active: false })],
    { activity: 'active', role: 'all', connectors: null },
  ],
  [
    'active ones of another connector too',
    { activity: 'active' as const, connectors: ['smb'] },
    [...internalOf(3, {}), ...internalOf(2, { connector: 'cmis' })],
    { activity: 'active', role: 'all', connectors: ['smb'] },
  ],
  [
    'active and inactive ones',
    { activity: 'total' as const },
    [...internalOf(2, {}), ...internalOf(1, { active: false })],
    { activity: 'total', role: 'all', connectors: null },
  ],
])(
  'when waived accounts are beside %s, their filters select exactly these',
  (_what, counted, accounts, filters) => {
    const plan = aPlan({
      lines: [
        {
          kind: 'perUnit',
          id: 'users',
          label: 'Users',
          unitPrice: '2',
          counted: { unit: 'account', ...counted },
        },
      ],
    });
    const line = priceMonth(plan, summarize(accounts)).lines.find(({ kind }) => kind === 'waived');
    expect(line).toMatchObject({ quantity: 3, selection: { unit: 'account', internal: 'internal' } });
    expect(line?.selection).toMatchObject(filters);
  },
);

test('when no filters select exactly the waived accounts, they have none', () => {
  const shared = { kind: 'perUnit' as const, label: 'Users', unitPrice: '2' };
  const plan = aPlan({
    lines: [
      { ...shared, id: 'smb', counted: { unit: 'account', connectors: ['smb'], role: 'admin' } },
      { ...shared, id: 'cmis', counted: { unit: 'account', connectors: ['cmis'], role: 'nonAdmin' } },
    ],
  });
  const accounts = ['smb', 'cmis'].flatMap((connector) => [
    ...internalOf(2, { connector, admin: true }),
    ...internalOf(2, { connector }),
  ]);
  const line = priceMonth(plan, summarize(accounts)).lines.find(({ kind }) => kind === 'waived');
  expect(line).toMatchObject({ quantity: 4, selection: null });
});

test('when the counts are cut short, counted lines and the total have a reason and no amount', () => {
  const plan = aPlan({
    lines: [{ kind: 'flat', id: 'base', label: 'Base fee', amount: '100' }, ...aPlan().lines],
  });
  const invoice = priceMonth(plan, { ...summary, cutShort: 'the database went down' });
  expect(rowsOf(invoice)).toEqual([
    ['Base fee', 1, '100.00', '100.00'],
    ['Active users', null, null, 'Not all accounts were counted: the database went down'],
    ['Admin accounts', null, null, 'Not all accounts were counted: the database went down'],
  ]);
  expect(invoice.total).toEqual({
    known: false,
    code: 'BILLING_COUNTS_INCOMPLETE',
    reason:
      'No amount for “Active users”, “Admin accounts”. Not all accounts were counted: the database went down',
  });
  expect(invoice.plainTextAccounts).toBeNull();
});

test('when a plan charges end users of two of the connectors, the number is missing and the total has no amount', () => {
  const plan = aPlan({
    minimum: { amount: '1000' },
    lines: [
      {
        kind: 'perUnit',
        id: 'people',
        label: 'People',
        unitPrice: '2',
        counted: { unit: 'endUser', connectors: ['smb', 'cmis'] },
      },
    ],
  });
  const invoice = priceMonth(plan, summary);
  expect(invoice.lines[0]?.amount).toMatchObject({ known: false, code: 'BILLING_COUNT_MISSING' });
  expect(invoice.lines.map(({ kind }) => kind)).not.toContain('minimum');
  expect(invoice.total).toMatchObject({ known: false, code: 'BILLING_COUNT_MISSING' });
});

test.each([
  [
    null,
    true,
    [
      ['users/smb', '4.00'],
      ['users/smb/minimum', '46.00'],
    ],
  ],
  [
    ['cmis', 'smb'],
    true,
    [
      ['users/cmis', '0.00'],
      ['users/cmis/minimum', '50.00'],
      ['users/smb', '4.00'],
      ['users/smb/minimum', '46.00'],
    ],
  ],
  [
    null,
    false,
    [
      ['users', '4.00'],
      ['users/minimum', '46.00'],
    ],
  ],
])(
  'when a line for connectors %j, each alone: %s, has a minimum, only a named connector has it without accounts',
  (connectors, perConnector, expected) => {
    const counted = { unit: 'account' as const, connectors, perConnector };
    const plan = aPlan({
      lines: [{ kind: 'perUnit', id: 'users', label: 'Users', unitPrice: '2', minimum: '50', counted }],
    });
    const invoice = priceMonth(plan, summarize(makeAccounts(2), { installed: ['cmis', 'smb', 'webdav'] }));
    expect(invoice.lines.map(({ key, amount }) => [key, amount.known && amount.value])).toEqual(expected);
  },
);

test('when a connector has only inactive accounts, its minimum is charged', () => {
  const counted = { unit: 'account' as const, perConnector: true };
  const plan = aPlan({
    lines: [{ kind: 'perUnit', id: 'users', label: 'Users', unitPrice: '2', minimum: '50', counted }],
  });
  const idle = makeAccounts(2, { active: false });
  expect(priceMonth(plan, summarize(idle, { installed: ['cmis'] })).total).toEqual({
    known: true,
    value: '50.00',
  });
});

test.each([
  ['an unknown currency', aPlan({ currency: 'ABC' }), summary, 'BILLING_CURRENCY_UNKNOWN'],
  ['other days', aPlan({ from: '2026-12-01' }), summary, 'BILLING_PLAN_NOT_IN_FORCE'],
  [
    'an end before its start',
    aPlan({ from: '2026-11-20', to: '2026-11-10' }),
    summary,
    'BILLING_PLAN_NOT_IN_FORCE',
  ],
  [
    'counts from before the month',
    aPlan(),
    { ...summary, takenAt: '2026-10-31T23:59:59.000Z' },
    'BILLING_CLOCK',
  ],
])('when a plan has %s, the month is rejected', (_what, plan, counts, code) => {
  expect(() => priceMonth(plan, counts)).toThrow(expect.objectContaining({ code }));
});
