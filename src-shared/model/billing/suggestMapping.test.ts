import { expect, test } from 'vitest';
import { suggestMapping } from './suggestMapping.ts';

test.each([
  [
    'Line,Quantity,Amount,Currency',
    { label: 'Line', quantity: 'Quantity', amount: 'Amount', currency: 'Currency' },
  ],
  [
    'Position;Menge;Betrag (EUR)',
    { label: 'Position', quantity: 'Menge', amount: 'Betrag (EUR)', currency: null },
  ],
  [
    'Description\tQty\tNet amount\tTotal',
    { label: 'Description', quantity: 'Qty', amount: 'Net amount', currency: null },
  ],
  ['a,b,c', { label: null, quantity: null, amount: null, currency: null }],
])('when the first line is %j, finds the columns by their usual names', (head, columns) => {
  expect(suggestMapping(`${head}\n`)).toMatchObject({ problem: null, columns });
});

test.each([
  ['1200', '.'],
  ['1200.5', '.'],
  ['1,200.00', '.'],
  ['1,200,000', '.'],
  ['12,5', ','],
  ['1.200,00', ','],
  ['€ 1.200,00', ','],
  ['1.200.000', ','],
  ['1,200', null],
  ['1.200', null],
])('when an amount is %j, the sign before decimal places is %j', (amount, decimalSeparator) => {
  expect(suggestMapping(`Line;Amount\na;${amount}\n`)).toMatchObject({ decimalSeparator });
});

const suggestFor = (...amounts: string[]) =>
  suggestMapping(`Line;Amount\n${amounts.map((amount) => `a;${amount}\n`).join('')}`);

test('when amounts contradict each other, no sign is suggested; a certain one decides the others', () => {
  expect(suggestFor('1,5', '1.5')).toMatchObject({ decimalSeparator: null });
  expect(suggestFor('1.200', '1,50')).toMatchObject({ decimalSeparator: ',' });
});

test('when a column is named, it is taken, and no other column takes it', () => {
  const text = 'Line;Total;Amount\na;1;2\n';
  expect(suggestMapping(text, { amount: 'Total' })).toMatchObject({ columns: { amount: 'Total' } });
  expect(suggestMapping(text, { quantity: 'Amount' })).toMatchObject({
    columns: { amount: 'Total', quantity: 'Amount' },
  });
});

test('when the file is no table, says why', () => {
  expect(suggestMapping('')).toEqual({ problem: 'The file is empty.' });
  expect(suggestMapping('%PDF-1.7')).toEqual({ problem: expect.stringContaining('PDF') });
});
