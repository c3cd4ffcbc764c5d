import { expect, test } from 'vitest';
import { aPlan } from '../../../test-support/billing/aPlan.ts';
import { makeAccounts, summarize } from '../../../test-support/billing/population.ts';
import { priceMonth } from './priceMonth.ts';
import { reconcile } from './reconcile.ts';
import { formatDifferences, writeVendorQuestion } from './reconcileText.ts';
import { columnMappingSchema, readVendorInvoice } from './vendorInvoice.ts';

const preview = priceMonth(
  aPlan(),
  summarize([
    ...makeAccounts(4005),
    ...makeAccounts(36, { admin: true }),
    ...makeAccounts(12, { internal: true }),
  ]),
);
const mapping = columnMappingSchema.parse({
  columns: { label: 'Position', amount: 'Betrag (EUR)', quantity: 'Menge', currency: 'Currency' },
  decimalSeparator: ',',
  lines: { 'Nutzer bis 1000': 'users/tier-1', 'Nutzer ab 1001': 'users/tier-2', Summe: null },
});
const csv = `Position;Menge;Betrag (EUR);Currency
Nutzer bis 1000;1.000;1.200,00;EUR
Nutzer ab 1001;3.041;2.432,80;EUR
admin accounts;36;324,00;EUR
Support uplift;1;45,00;EUR
Summe;;4.001,80;EUR
`;
const compare = (text: string) => reconcile(preview, readVendorInvoice(text, mapping, 'EUR'), mapping);

test('when the invoice differs, each line says by how much and why, and the lines add up', () => {
  const result = compare(csv);
  expect(
    result.lines.map(({ label, state, previewQuantity, invoiceQuantity, invoice, difference, why }) => [
      label,
      state,
      previewQuantity,
      invoiceQuantity,
      invoice,
      difference.known && difference.value,
      why,
    ]),
  ).toEqual([
    ['Active users, first 1,000', 'equal', 1000, 1000, '1200.00', '0.00', ''],
    [
      'Active users, 1,001–5,000',
      'differs',
      3005,
      3041,
      '2432.80',
      '28.80',
      '36 more accounts on the invoice, 0.80 each.',
    ],
    ['Admin accounts', 'equal', 36, 36, '324.00', '0.00', ''],
    [
      'Internal development, waived',
      'equal',
      12,
      null,
      null,
      '0.00',
      'It costs nothing and is not on the invoice.',
    ],
    [
      'Support uplift',
      'onlyInvoice',
      null,
      1,
      '45.00',
      '45.00',
      'The plan “Per user, graduated” has no such line.',
    ],
  ]);
  expect(result).toMatchObject({
    invoiceTotal: '4001.80',
    previewTotal: { value: '3928.00' },
    difference: { value: '73.80' },
    differing: 2,
  });
});

test('when a line of the preview is split or missing on the invoice, its parts are added or its amount is missing', () => {
  const result = compare(`Position;Menge;Betrag (EUR);Currency
Nutzer bis 1000;600;720;
Nutzer bis 1000;400;480;
Nutzer ab 1001;3005;2.404,10;
`);
  expect(
    result.lines.map(({ state, difference, why }) => [state, difference.known && difference.value, why]),
  ).toEqual([
    ['equal', '0.00', ''],
    ['differs', '0.10', 'The same quantity at another price, or rounded in another way.'],
    ['onlyPreview', '-324.00', 'The invoice has no such line.'],
    ['equal', '0.00', 'It costs nothing and is not on the invoice.'],
  ]);
  expect(result.difference).toEqual({ known: true, value: '-323.90' });
});

test('when quantity and price differ, the reason separates them', () => {
  const { lines } = compare('Position;Menge;Betrag (EUR);Currency\nAdmin accounts;38;361,00;eur\n');
  expect(lines[2]?.why).toBe(
    '2 more accounts on the invoice, which explains EUR 18.00. EUR 19.00 is from another price or rounding.',
  );
});

test('when an amount of the preview is not known, its line and the total have no difference', () => {
  const unknown = priceMonth(aPlan(), { ...summarize([]), cutShort: 'the database went down' });
  const result = reconcile(unknown, readVendorInvoice(csv, mapping, 'EUR'), mapping);
  expect(result.lines[0]).toMatchObject({ state: 'unknown', difference: { known: false } });
  expect(result.difference).toMatchObject({ known: false, code: 'BILLING_COUNTS_INCOMPLETE' });
});

test.each([
  ['an amount in the other notation', 'a;1;1,200.00;EUR', 'BILLING_INVOICE_UNREADABLE', 'Line 2: “1,200.00”'],
  ['an empty amount', 'a;1;;EUR', 'BILLING_INVOICE_UNREADABLE', 'Line 2: “”'],
  [
    'a part of a unit',
    'a;1,5;10;EUR',
    'BILLING_INVOICE_UNREADABLE',
    'Line 2: “1,5” in the column “Menge” is not a whole number',
  ],
  ['no label', ';1;10;EUR', 'BILLING_INVOICE_UNREADABLE', 'Line 2: the column “Position” is empty'],
  ['another currency', 'a;1;10;USD', 'BILLING_CURRENCIES_DIFFER', 'EUR'],
])('when a line of the invoice has %s, nothing is compared', (_what, line, code, message) => {
  const read = () => compare(`Position;Menge;Betrag (EUR);Currency\n${line}\n`);
  expect(read).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
});

/** Reads one line with this amount, of an invoice that writes numbers with a point. */
const readAmount = (amount: string, currency: string, options: { signs?: object; column?: string } = {}) => {
  const { signs = {}, column = 'Amount' } = options;
  const columns = { label: 'Item', amount: column, quantity: 'Units' };
  const given = columnMappingSchema.parse({ columns, decimalSeparator: '.', signs });
  return readVendorInvoice(`Item;Units;${column}\na;2;${amount}\n`, given, currency)[0]?.amount;
};

test.each([
  ['4,400.00', 'EUR', {}],
  ['EUR 4,400.00', 'EUR', {}],
  ['4,400.00 EUR', 'EUR', {}],
  ['EUR4,400.00', 'EUR', {}],
  ['€4,400.00', 'EUR', {}],
  ['4,400.00 €', 'EUR', {}],
  ['USD 4,400.00', 'USD', {}],
  ['$4,400.00', 'USD', { $: 'USD' }],
  ['4,400.00 $', 'CAD', { $: 'CAD' }],
  ['£ 4,400.00', 'GBP', { '£': 'GBP' }],
  ['¥4,400.00', 'CNY', { '¥': 'CNY', $: 'USD' }],
  ['$ 4,400.00 USD', 'USD', { $: 'USD' }],
])('when an amount is “%s” and the preview is in %s, it is read', (amount, currency, signs) => {
  expect(readAmount(amount, currency, { signs })).toBe('4400.00');
});

test.each([
  ['USD 4,400.00', 'EUR', {}],
  ['4,400.00 USD', 'EUR', {}],
  ['USD4,400.00', 'EUR', {}],
  ['4,400.00USD', 'EUR', {}],
  ['€4,400.00', 'USD', {}],
  ['4,400.00 €', 'USD', {}],
  ['EUR 4,400.00 USD', 'EUR', {}],
  ['USD 4,400.00 EUR', 'EUR', {}],
  ['€ 4,400.00 USD', 'EUR', {}],
  ['$4,400.00', 'EUR', { $: 'USD' }],
  ['$4,400.00', 'USD', { $: 'CAD' }],
  ['4,400.00 £', 'EUR', { '£': 'GBP' }],
  ['¥4,400.00', 'JPY', { '¥': 'CNY' }],
  ['-USD 5', 'EUR', {}],
  ['XYZ 4,400.00', 'EUR', {}],
])('when an amount is “%s” and the preview is in %s, nothing is compared', (amount, currency, signs) => {
  expect(() => readAmount(amount, currency, { signs })).toThrow(
    expect.objectContaining({
      code: amount.startsWith('-') ? 'BILLING_INVOICE_UNREADABLE' : 'BILLING_CURRENCIES_DIFFER',
    }),
  );
});

test.each([
  ['$4,400.00', 'USD', {}],
  ['4,400.00 $', 'EUR', {}],
  ['£4,400.00', 'GBP', { $: 'USD' }],
  ['¥4,400.00', 'JPY', {}],
])('when “%s” has a sign of several currencies, the mapping must name the one', (amount, currency, signs) => {
  expect(() => readAmount(amount, currency, { signs })).toThrow(
    expect.objectContaining({
      code: 'BILLING_INVOICE_UNREADABLE',
      message: expect.stringContaining('several currencies'),
    }),
  );
});

test('when the column of amounts is named after another currency, nothing is compared', () => {
  for (const column of ['Amount (USD)', 'Amount [USD]', 'Amount (USD), net'])
    expect(() => readAmount('5', 'EUR', { column })).toThrow(
      expect.objectContaining({ code: 'BILLING_CURRENCIES_DIFFER' }),
    );
  for (const column of ['Amount (EUR)', 'Amount (NET)', 'Amount'])
    expect(readAmount('5', 'EUR', { column })).toBe('5');
});

test('when a quantity has a currency, it is not a number', () => {
  expect(() => compare('Position;Menge;Betrag (EUR);Currency\na;EUR 5;10;\n')).toThrow(
    expect.objectContaining({
      code: 'BILLING_INVOICE_UNREADABLE',
      message: expect.stringContaining('Line 2: “EUR 5” in the column “Menge”'),
    }),
  );
});

test('when the file has no such column, the error names the columns of the mapping', () => {
  expect(() => compare('Item;Amount\na;1\n')).toThrow(
    expect.objectContaining({
      code: 'BILLING_INVOICE_UNREADABLE',
      message: expect.stringContaining('position, betrag_(eur), menge'),
    }),
  );
});

test('when a kept day had the quantity of the invoice, the line names the last such day', () => {
  const kept = [3041, 3041, 3020].map((users, index) =>
    priceMonth(
      aPlan(),
      summarize(makeAccounts(1000 + users), { takenAt: `2026-11-${String(10 + index)}T08:00:00.000Z` }),
    ),
  );
  const { lines } = reconcile(preview, readVendorInvoice(csv, mapping, 'EUR'), mapping, kept);
  expect(lines[1]?.why).toBe(
    '36 more accounts on the invoice, 0.80 each. The counts of 2026-11-11 have 3,041, too.',
  );
});

test('when lines differ, the CSV and the question to the vendor have them, and no others', () => {
  const result = compare(csv);
  const table = formatDifferences(result);
  expect(table.split('\r\n')).toEqual([
    'line,preview_quantity,invoice_quantity,preview,invoice,difference,currency,why',
    '"Active users, 1,001–5,000",3005,3041,"2404.00","2432.80","28.80","EUR","36 more accounts on the invoice, 0.80 each."',
    '"Support uplift",,1,,"45.00","45.00","EUR","The plan “Per user, graduated” has no such line."',
    '',
  ]);
  expect(writeVendorQuestion(result, preview))
    .toBe(`Appliance 5b3c1d7e-6a0f-4c52-9d1b-0f6f3f1d2a10, 2026-11, plan “Per user, graduated” (graduated)
Your invoice totals EUR 4,001.80. Our count by the plan of the licence totals EUR 3,928.00.
Please explain these lines:
- Active users, 1,001–5,000: your invoice EUR 2,432.80, quantity 3,041; our count EUR 2,404.00, quantity 3,005.
- Support uplift: your invoice EUR 45.00, quantity 1; our count no such line.
`);
});
