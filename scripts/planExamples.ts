import { parseBillingPlan } from '../src-shared/model/billing/billingPlan.ts';
import { planLineKinds } from '../src-shared/model/billing/charges.ts';
import { formatMoney, type Invoice } from '../src-shared/model/billing/invoice.ts';
import { priceMonth } from '../src-shared/model/billing/priceMonth.ts';
import type { UsageSummary } from '../src-shared/model/usage/usageSummary.ts';
import { table } from './markdownTable.ts';

/* The worked examples of docs/pricing-plans.md. Their totals are written by hand, so that a test can compare them. */

const roles = (nonAdmin: number, admin = 0) => ({ admin, nonAdmin });

/** November 2026: 1,250 active accounts in smb, 310 in cmis; 900 end users have them. */
const november: UsageSummary = {
  contract: 1,
  applianceId: '5b3c1d7e-6a0f-4c52-9d1b-0f6f3f1d2a10',
  month: '2026-11',
  takenAt: '2026-11-30T23:00:00.000Z',
  cutShort: null,
  assumed: null,
  connectors: [
    {
      connector: 'cmis',
      accounts: {
        active: { billable: roles(300, 10), internal: roles(0) },
        inactive: { billable: roles(40), internal: roles(0) },
      },
      endUsers: {
        active: { billable: roles(300, 10), all: roles(300, 10) },
        total: { billable: roles(340, 10), all: roles(340, 10) },
      },
    },
    {
      connector: 'smb',
      accounts: {
        active: { billable: roles(1220, 30), internal: roles(12) },
        inactive: { billable: roles(60), internal: roles(0) },
      },
      endUsers: {
        active: { billable: roles(790, 30), all: roles(800, 30) },
        total: { billable: roles(830, 30), all: roles(840, 30) },
      },
    },
  ],
  endUsers: {
    active: { billable: roles(868, 32), all: roles(878, 32) },
    total: { billable: roles(930, 32), all: roles(940, 32) },
  },
};

const accounts = { id: 'accounts', label: 'Active accounts', counted: { unit: 'account' } };
const tiers = [
  { upTo: 1000, unitPrice: '1.20' },
  { upTo: null, unitPrice: '0.80' },
];

type Example = { title: string; meaning: string; total: string; lines: object[]; more?: object };
const examples: Example[] = [
  {
    title: planLineKinds.flat.label,
    meaning: planLineKinds.flat.meaning,
    total: '500.00',
    lines: [{ kind: 'flat', id: 'base', label: 'Base fee', amount: '500' }],
  },
  {
    title: planLineKinds.perUnit.label,
    meaning: planLineKinds.perUnit.meaning,
    total: '1560.00',
    lines: [{ kind: 'perUnit', ...accounts, unitPrice: '1' }],
  },
  {
    title: planLineKinds.graduated.label,
    meaning: planLineKinds.graduated.meaning,
    total: '1648.00',
    lines: [{ kind: 'graduated', ...accounts, tiers }],
  },
  {
    title: planLineKinds.volume.label,
    meaning: planLineKinds.volume.meaning,
    total: '1248.00',
    lines: [{ kind: 'volume', ...accounts, tiers }],
  },
  {
    title: planLineKinds.package.label,
    meaning: planLineKinds.package.meaning,
    total: '1440.00',
    lines: [{ kind: 'package', ...accounts, size: 100, packagePrice: '90' }],
  },
  {
    title: 'Included units',
    meaning: 'The first units are free. Tiers and packages start after them.',
    total: '60.00',
    lines: [{ kind: 'perUnit', ...accounts, counted: { unit: 'account', included: 1500 }, unitPrice: '1' }],
  },
  {
    title: 'Minimum',
    meaning:
      'If the amounts are less, a line lifts them to the minimum. A line of a plan can have its own minimum, too.',
    total: '2000.00',
    lines: [{ kind: 'perUnit', ...accounts, unitPrice: '1' }],
    more: { minimum: { amount: '2000' } },
  },
  {
    title: 'Proration',
    meaning:
      'Amounts are multiplied by the days on which the plan is in force and divided by the days of the month.',
    total: '183.33',
    lines: [{ kind: 'flat', id: 'base', label: 'Base fee', amount: '500', proration: 'days' }],
    more: { from: '2026-11-20' },
  },
  {
    title: 'Per connector',
    meaning: 'Each connector is counted and priced separately.',
    total: '1772.00',
    lines: [{ kind: 'graduated', ...accounts, counted: { unit: 'account', perConnector: true }, tiers }],
  },
  {
    title: 'Admin and non-admin',
    meaning: 'Roles have their own lines.',
    total: '1880.00',
    lines: [
      {
        kind: 'perUnit',
        id: 'users',
        label: 'Users',
        counted: { unit: 'account', role: 'nonAdmin' },
        unitPrice: '1',
      },
      {
        kind: 'perUnit',
        id: 'admins',
        label: 'Admins',
        counted: { unit: 'account', role: 'admin' },
        unitPrice: '9',
      },
    ],
  },
  {
    title: 'Distinct end users',
    meaning: 'An end user with accounts in several connectors counts once.',
    total: '1350.00',
    lines: [
      { kind: 'perUnit', id: 'people', label: 'People', counted: { unit: 'endUser' }, unitPrice: '1.50' },
    ],
  },
];

const priceExample = ({ lines, more }: Example): Invoice =>
  priceMonth(
    parseBillingPlan({
      id: 'example',
      label: 'Example',
      currency: 'EUR',
      rounding: { rule: 'half-up', each: 'line' },
      lines,
      ...more,
    }),
    november,
  );

/** Each example with its invoice and the total that was computed by hand. */
export const pricedExamples = examples.map((example) => ({ ...example, invoice: priceExample(example) }));

/** The generated part of docs/pricing-plans.md. */
export function planExampleText(): string {
  return pricedExamples
    .map(({ title, meaning, lines, more, invoice }) => {
      const rows = invoice.lines.map(({ label, quantity, unitPrice, share, amount }) => [
        label,
        `${quantity ?? ''}`,
        `${unitPrice ?? ''}${share === null ? '' : ` × ${share.days}/${share.of}`}`,
        amount.known ? amount.value : amount.reason,
      ]);
      const total = invoice.total.known ? formatMoney(invoice.total.value, invoice.currency) : '';
      const plan = JSON.stringify({ lines, ...more }, null, 2);
      return [
        `### ${title}`,
        meaning,
        `\`\`\`json\n${plan}\n\`\`\``,
        table(['Line', 'Quantity', 'Price', 'Amount'], rows),
        `Total: ${total}`,
      ].join('\n\n');
    })
    .join('\n\n');
}
