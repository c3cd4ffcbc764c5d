import { findCurrencyDigits } from './currencies.ts';

/** The currency that a sign means; null for a sign of several currencies. */
const currencySigns = { '€': 'EUR', $: null, '£': null, '¥': null } as const;
const isSign = (mark: string): mark is keyof typeof currencySigns => Object.hasOwn(currencySigns, mark);

const mark = String.raw`(?:[A-Z]{3}|[${Object.keys(currencySigns).join('')}])`;
const leading = new RegExp(String.raw`^(${mark})\s*`, 'u');
const trailing = new RegExp(String.raw`\s*(${mark})$`, 'u');

/** Splits `USD 4,400.00` or `4.400,00 €` into its number and the codes and signs around it. */
export function splitAmount(cell: string): { number: string; marks: string[] } {
  const marks = [leading, trailing].flatMap((form) => form.exec(cell)?.[1] ?? []);
  return { number: cell.replace(leading, '').replace(trailing, ''), marks };
}

/** The currency of a code or sign. `named`: what signs mean on this invoice. Null if a sign can mean several currencies. */
export function findStatedCurrency(mark: string, named: Readonly<Record<string, string>>): string | null {
  return isSign(mark) ? (named[mark] ?? currencySigns[mark]) : mark;
}

/** The currency in a column’s name, such as `Betrag (EUR)`; null if it has none. */
export function findColumnCurrency(name: string): string | null {
  const code = /[([](?<code>[A-Z]{3})[)\]]/u.exec(name)?.groups?.['code'];
  return code !== undefined && findCurrencyDigits(code) !== null ? code : null;
}
