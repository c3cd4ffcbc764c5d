import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { priceMonth } from '../../../../../src-shared/model/billing/priceMonth.ts';
import { reconcile } from '../../../../../src-shared/model/billing/reconcile.ts';
import { maxVendorBytes, readVendorInvoice } from '../../../../../src-shared/model/billing/vendorInvoice.ts';
import { aPlan } from '../../../../../test-support/billing/aPlan.ts';
import { makeAccounts, summarize } from '../../../../../test-support/billing/population.ts';
import { readTableFile } from '../../files.ts';
import { chooseMapping, exitCodeOfReconciled } from './reconcileUsage.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-reconcile-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Reads a file with these bytes as the command does. */
function read(bytes: Buffer | string, options: Parameters<typeof chooseMapping>[1] = {}) {
  const path = join(folder, 'invoice.csv');
  writeFileSync(path, bytes);
  const text = readTableFile(path, maxVendorBytes);
  return readVendorInvoice(text, chooseMapping(text, options), 'EUR');
}

const german = `Bezeichnung;Menge;Betrag (EUR);Währung
Active users, first 1,000;1.000;1.200,00;EUR
Admin accounts;36;324,00;EUR
`;
const germanLines = [
  { line: 2, label: 'Active users, first 1,000', quantity: 1000, amount: '1200.00' },
  { line: 3, label: 'Admin accounts', quantity: 36, amount: '324.00' },
];

describe('the file of an invoice', () => {
  it.each([
    ['UTF-8', Buffer.from(german)],
    ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${german}`)],
    ['UTF-16 LE', Buffer.from(`\ufeff${german}`, 'utf16le')],
    ['CRLF line ends', Buffer.from(german.replaceAll('\n', '\r\n'))],
    ['a line that names the separator', Buffer.from(`sep=;\n${german}`)],
  ])('when it is %s, is read with columns by their usual names', (what, bytes) => {
    const shift = what.startsWith('a line') ? 1 : 0;
    expect(read(bytes)).toEqual(germanLines.map(({ line, ...rest }) => ({ line: line + shift, ...rest })));
  });

  it('when a quoted cell has line breaks, the lines below keep their numbers', () => {
    const text = 'Line,Quantity,Amount\n"Active\nusers",2,"1,200.50"\nAdmin accounts,x,9\n';
    expect(() => read(text)).toThrow(
      expect.objectContaining({
        code: 'BILLING_INVOICE_UNREADABLE',
        message: expect.stringContaining('Line 4: “x” in the column “Quantity”'),
        detail: { line: 4, column: 'Quantity' },
      }),
    );
  });

  it.each([
    ['a workbook', Buffer.from('PK\u0003\u0004rest'), 'This is a workbook'],
    ['Windows-1252', Buffer.from('Line;Amount\nGeb\xfchr;1\n', 'latin1'), 'line 2 is not UTF-8'],
    ['a quote without end', Buffer.from('Line;Amount\n"a;1\nb;2\n'), 'It begins in line 2'],
    ['empty', Buffer.from(''), 'The file is empty'],
    ['only its first line', Buffer.from('Line;Amount\n'), 'no invoice lines'],
    ['too many lines', Buffer.from(`Line;Amount\n${'a;1\n'.repeat(2001)}`), 'more than 2000 invoice lines'],
  ])('when it is %s, says so and compares nothing', (_what, bytes, message) => {
    expect(() => read(bytes)).toThrow(
      expect.objectContaining({
        code: 'BILLING_INVOICE_UNREADABLE',
        message: expect.stringContaining(message),
      }),
    );
  });

  it('when it is larger than 1 MB, is not read', () => {
    expect(() => read(Buffer.alloc(maxVendorBytes + 1, 'a'))).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT', message: expect.stringContaining('1 MB') }),
    );
  });
});

describe('the mapping of an invoice', () => {
  it('when no column has a usual name, lists the columns of the file', () => {
    expect(() => read('Foo;Bar\na;1\n')).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT', message: expect.stringContaining('Foo, Bar') }),
    );
    const map = { label: 'Foo', amount: 'Bar' };
    expect(read('Foo;Bar\na;1\n', { map })).toEqual([{ line: 2, label: 'a', quantity: null, amount: '1' }]);
  });

  it('when amounts can be read in two ways, they are not guessed', () => {
    const text = 'Line;Amount\na;1,200\n';
    expect(() => read(text)).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT', message: expect.stringContaining('--decimal') }),
    );
    expect(read(text, { decimal: ',' })[0]?.amount).toBe('1.200');
    expect(read(text, { decimal: '.' })[0]?.amount).toBe('1200');
  });

  it('when the named column is not in the file, says which columns there are', () => {
    expect(() => read(german, { map: { amount: 'Preis' }, decimal: ',' })).toThrow(
      expect.objectContaining({ message: expect.stringContaining('betrag_(eur)') }),
    );
  });

  it('when a line is left out, it is not compared', () => {
    expect(read(`${german}Summe;;1.524,00;EUR\n`, { leaveOut: ['Summe'] })).toEqual(germanLines);
  });
});

describe('the exit code', () => {
  const summary = summarize([...makeAccounts(1000), ...makeAccounts(36, { admin: true })]);
  const codeOf = (
    text: string,
    counts = summary,
    error: Parameters<typeof exitCodeOfReconciled>[0]['error'] = null,
  ) => {
    const mapping = chooseMapping(text, {});
    const lines = readVendorInvoice(text, mapping, 'EUR');
    return exitCodeOfReconciled({
      reconciliation: reconcile(priceMonth(aPlan(), counts), lines, mapping),
      error,
    });
  };

  it('when all lines are equal, is 0, or that of the error for which kept counts were used', () => {
    expect(codeOf(german)).toBe(0);
    expect(codeOf(german, summary, { code: 'CONNECT_TIMEOUT', message: '' })).toBe(8);
  });

  it('when a line differs, is 10, also if the totals are the same', () => {
    expect(codeOf(german.replace('324,00', '325,00'))).toBe(10);
    expect(codeOf(german.replace('324,00', '325,00').replace('1.200,00', '1.199,00'))).toBe(10);
  });

  it('when the amount of the preview is not known, is that of its reason, never 0', () => {
    expect(codeOf(german, { ...summary, cutShort: 'the database ended' })).toBe(1);
  });
});
