import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatCsvTable } from './csvCell.ts';
import { findSpreadsheetChange, readCsvFile } from './csvFile.ts';
import { isPlainLine } from './machineText.ts';
import { decodeText } from './textEncoding.ts';

const options = {
  columns: ['name', 'address', 'note'] as const,
  required: ['name', 'address'] as const,
  synonyms: { name: ['appliance'], address: ['host_name'] },
  noun: 'rows',
  maxRecords: 5,
  maxLength: 1024 * 1024,
};
const utf16 = (text: string) => Buffer.from(text, 'utf16le');

/** The cells of each row behind its line, or the problem. */
function read(file: string | Buffer): string | string[][] {
  const csv = readCsvFile(typeof file === 'string' ? file : decodeText(file), options);
  if (csv.problem !== null) return csv.problem;
  return csv.records.map(({ line, cell }) => [
    String(line),
    ...options.columns.map((column) => cell(column)),
  ]);
}

describe('when a spreadsheet writes', () => {
  test.each<[string, string | Buffer]>([
    ['commas', 'name,address,note\nkiln,root@k,x\n'],
    ['semicolons', 'name;address;note\r\nkiln;root@k;x\r\n'],
    ['tabs', 'name\taddress\tnote\nkiln\troot@k\tx'],
    ['semicolons, with commas in an unknown column', 'name;address;note;"a, b, c"\nkiln;root@k;x;y'],
    ['a byte order mark', '\ufeffname,address,note\nkiln,root@k,x'],
    [
      'a byte order mark that was saved as Windows-1252',
      '\u00ef\u00bb\u00bfname,address,note\nkiln,root@k,x',
    ],
    ['an end-of-file mark', 'name,address,note\r\nkiln,root@k,x\r\n\u001a'],
    ['old line ends', 'name,address,note\rkiln,root@k,x\r'],
    ['UTF-16 with tabs (Unicode text)', utf16('\ufeffname\taddress\tnote\r\nkiln\troot@k\tx\r\n')],
    ['UTF-16 BE', utf16('\ufeffname,address,note\nkiln,root@k,x').swap16()],
    ['UTF-16 without a mark', utf16('name,address,note\nkiln,root@k,x')],
    ['UTF-16 that was read as UTF-8', utf16('\ufeffname,address,note\nkiln,root@k,x').toString('utf8')],
    ['capitals, spaces and other names', ' Appliance ,"HOST NAME",Note\nkiln,root@k,x'],
    ['no-break spaces in the first line', 'name,host\u00a0name,note\nkiln,root@k,x'],
    ['empty columns and rows at the end', 'name,address,note,,\nkiln,root@k,x,,\n,,,,\n,,,,'],
    ['quotes around all', '"name","address","note"\n"kiln","root@k","x"'],
    ['cells that are kept as text', 'name,address,note\n"=""kiln""",="root@k",x'],
    ['padding at its end', `name,address,note\nkiln,root@k,x\n${'\0'.repeat(500)}`],
    ['padding before a line', `name,address,note\n${'\0'.repeat(500)}kiln,root@k,x`],
  ])('%s, reads the row', (_what, file) => {
    expect(read(file)).toEqual([['2', 'kiln', 'root@k', 'x']]);
  });

  test.each([';', ',', '\t'])(
    'a first line "sep=%s", reads the rows by it, with their line numbers',
    (sign) => {
      const rows = ['name,address,note', 'kiln,root@k,"a, b; c"', 'oven,root@o,x'].map((row, index) =>
        index === 1 ? ['kiln', 'root@k', '"a, b; c"'].join(sign) : row.replaceAll(',', sign),
      );
      for (const start of [`sep=${sign}`, `\ufeffSEP=${sign}`, `"sep=${sign}"`])
        expect(read(`${start}\r\n${rows.join('\r\n')}`)).toEqual([
          ['3', 'kiln', 'root@k', 'a, b; c'],
          ['4', 'oven', 'root@o', 'x'],
        ]);
    },
  );

  test('line breaks and doubled quotes in a cell, keeps them', () => {
    expect(read('name,address,note\nkiln,root@k,"one\r\n""two"""\noven,root@o,\n')).toEqual([
      ['2', 'kiln', 'root@k', 'one\n"two"'],
      ['4', 'oven', 'root@o', ''],
    ]);
  });
});

test.each<[string, string | Buffer, string]>([
  [
    'Windows-1252',
    Buffer.from('name,address\nk\u00fcln,root@k', 'latin1'),
    'line 2 is not UTF-8 (perhaps Windows-1252); save it as UTF-8, or convert it: iconv -f WINDOWS-1252 -t UTF-8 FILE > NEW. In a spreadsheet, save it as “CSV UTF-8”.',
  ],
  [
    'UTF-16 that lost letters',
    utf16('\ufeffname,address\nk\u00fcln,r@k').toString('utf8'),
    'is UTF-16 LE, not UTF-8',
  ],
  [
    'a block of NULs in a cell',
    `name,address\nki${'\0'.repeat(200_000)}ln,root@k`,
    '200000 NUL bytes in line 2',
  ],
  ['NULs in a cell', `name,address\nki${'\0'.repeat(7)}ln,root@k`, '7 NUL bytes in line 2'],
  ['an old workbook', Buffer.from('d0cf11e0a1b11ae10000', 'hex'), 'This is a workbook'],
  [
    'a page with a table',
    '<html><table><tr><td>name</td></tr></table>',
    'This is HTML or XML, not a CSV file',
  ],
  ['a compressed file', Buffer.from('1f8b0800', 'hex'), 'gunzip -c FILE > NEW'],
  [
    'curly quotes',
    '\u201cname\u201d,\u201caddress\u201d\nkiln,root@k',
    'Character 1 is a curly quote (U+201C).',
  ],
  ['full-width commas', 'name\uff0caddress\nkiln\uff0croot@k', 'Character 5 is a full-width , (U+FF0C).'],
  [
    'quotes escaped by a backslash',
    'name,address,note\nkiln,root@k,"a, \\"b\\", c"',
    'Line 2 has \\". Inside a quoted cell, write each quote twice',
  ],
  ['a workbook', 'PK\u0003\u0004\0\0', 'This is a workbook'],
  [
    'other columns',
    'nam,adress\nkiln,root@k',
    'The first line must name the columns: name, address, note. It also has: nam, adress.',
  ],
  ['a column and its other name', 'name,appliance,address\na,b,c', 'The first line names name twice.'],
  ['an open quote', 'name,address\n"kiln,root@k', 'A quoted cell has no closing quote. It begins in line 2.'],
  ['too many rows', `name,address\n${'a,b\n'.repeat(6)}`, 'There are more than 5 rows.'],
])('rejects %s with a reason', (_what, file, problem) => {
  expect(read(file)).toContain(problem);
});

test.each([
  ['2.20E+03', 'shortened the number'],
  ['1,23457E+14', 'shortened the number'],
  ['#REF!', 'error of the spreadsheet'],
  ['#######', 'error of the spreadsheet'],
  ['03-Mar', 'made a date of it'],
  ['Mar-03', 'made a date of it'],
])('when a spreadsheet changed a cell to %s, says so', (cell, reason) => {
  expect(findSpreadsheetChange(cell)).toContain(reason);
});

test.each(['kiln-01', 'root@10.0.0.1:22', '2200', '1e5', 'e+3', 'march-03', '#1'])(
  'when a cell is %s, it was not changed',
  (cell) => {
    expect(findSpreadsheetChange(cell)).toBeNull();
  },
);

describe('when a table is written', () => {
  test.each([
    ['=1+1', `"'=1+1"`],
    ['+49', `"'+49"`],
    ['-2', `"'-2"`],
    ['@sum', `"'@sum"`],
    ["'=x", `"''=x"`],
    ["'007", `"''007"`],
    ['a;=1+1', `"a;'=1+1"`],
    ['a "b"', '"a ""b"""'],
  ])('the cell %s starts no formula', (value, written) => {
    expect(formatCsvTable(['name'], [[value]])).toBe(`name\r\n${written}`);
  });

  test('it is read back equal, and no cell starts a formula', () => {
    const sign = fc.constantFrom(...Array.from(`=+-@'";,|\u00e4\uff1d1a. `));
    const text = fc
      .oneof(
        fc.array(sign, { maxLength: 8 }).map((signs) => signs.join('')),
        fc.string({ unit: 'grapheme' }),
      )
      .map((value) => value.trim())
      .filter((value) => isPlainLine(value));
    const row = fc.tuple(fc.constant('kiln'), text, text);
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 5 }), (rows) => {
        const file = formatCsvTable(['name', 'address', 'note'], rows);
        expect(file).not.toMatch(/(?:^|,)"[=+\-@\uff1d]|;[=+\-@\uff1d]/mu);
        expect(read(file)).toEqual(rows.map((cells, index) => [String(index + 2), ...cells]));
      }),
    );
  });
});
