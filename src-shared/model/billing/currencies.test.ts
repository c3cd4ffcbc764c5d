import { expect, test } from 'vitest';
import { currencyCodes, findCurrencyDigits } from './currencies.ts';

test.each([
  ['JPY', 0],
  ['EUR', 2],
  ['KWD', 3],
  ['CLF', 4],
  ['XXX', null],
  ['eur', null],
])('when the currency is %s, it has %j digits', (code, digits) => {
  expect(findCurrencyDigits(code)).toBe(digits);
});

test('when the table names a currency, it is there once and has a name in Intl', () => {
  expect(new Set(currencyCodes).size).toBe(currencyCodes.length);
  const names = new Intl.DisplayNames('en', { type: 'currency', fallback: 'none' });
  // Younger than the data of older programs.
  const young = ['VED', 'ZWG'];
  expect(currencyCodes.filter((code) => !young.includes(code) && names.of(code) === undefined)).toEqual([]);
});
