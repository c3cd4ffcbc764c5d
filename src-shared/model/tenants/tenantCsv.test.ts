import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clientIdPattern } from './clientId.ts';
import { maxTenantCsv, maxCsvTenants, readTenantCsv, sampleTenantCsv } from './tenantCsv.ts';

const keys = sampleTenantCsv
  .split('\r\n')
  .slice(1, 3)
  .map((line) => line.split(',')[1] ?? '');
const [firstKey = '', secondKey = ''] = keys;
const head = 'client_id,public_key,quota';

test('when the sample is read, there are no problems', () => {
  const { rows, ignored, problem } = readTenantCsv(sampleTenantCsv);
  expect(problem).toBeNull();
  expect(ignored).toEqual([]);
  expect(rows.map(({ line, clientId, quota, problems }) => ({ line, clientId, quota, problems }))).toEqual([
    { line: 2, clientId: 'northwind', quota: 20, problems: [] },
    { line: 3, clientId: 'acme', quota: null, problems: [] },
  ]);
  expect(rows.map((row) => row.publicKey)).toEqual(keys);
  expect(rows[0]?.fingerprint).toMatch(/^SHA256:/u);
});

test.each([
  ['semicolons', `client_id;public_key\r\nacme;${firstKey}\r\n`],
  ['tabs', `client_id\tpublic_key\nacme\t${firstKey}`],
  ['a byte order mark, quotes, another order', `\ufeff"Public Key","Client-ID"\n"${firstKey}","acme"\n\n`],
  ['old line ends', `client_id,public_key\racme,${firstKey}\r`],
])('when the file has %s, reads it', (_what, text) => {
  const { rows, problem } = readTenantCsv(text);
  expect(problem).toBeNull();
  expect(rows).toMatchObject([{ line: 2, clientId: 'acme', publicKey: firstKey, quota: null, problems: [] }]);
});

test.each([
  ['20,0', 20, []],
  ['20.00', 20, []],
  ['20,5', null, ['the quota is not a whole number from 1 to 3000']],
  ['1.000', null, ['the quota is not a whole number from 1 to 3000']],
  [
    '2.20E+03',
    null,
    ['the quota: a spreadsheet shortened the number; format the column as text before entering it'],
  ],
  [
    '\uff12\uff10',
    null,
    ['the quota is not a whole number from 1 to 3000; character 1 is a full-width 2 (U+FF12)'],
  ],
])('when the quota is %s, reads or explains it', (written, quota, problems) => {
  const { rows } = readTenantCsv(`Tenant;Ports;Pub Key\nacme;${written};${firstKey}`);
  expect(rows).toMatchObject([{ clientId: 'acme', quota, problems }]);
});

test.each([
  ['03-Mar', 'the client_id: a spreadsheet made a date of it'],
  ['1.23457E+14', 'the client_id: a spreadsheet shortened the number'],
  ['acm\u0435', 'character 4 is a Cyrillic letter that looks like e (U+0435)'],
])('when the client ID is %s, explains it', (clientId, reason) => {
  const { rows } = readTenantCsv(`client_id,public_key\n${clientId},${firstKey}`);
  expect(rows[0]?.problems).toEqual([expect.stringContaining(reason)]);
});

test('when a quoted cell has several lines, the line numbers after it are right', () => {
  const { rows, ignored } = readTenantCsv(
    `client_id,note,public_key\nacme,"a ""note""\nof two lines",${firstKey}\nglobex,,${secondKey}\n`,
  );
  expect(ignored).toEqual(['note']);
  expect(rows.map(({ line, problems }) => ({ line, problems }))).toEqual([
    { line: 2, problems: [] },
    { line: 4, problems: [] },
  ]);
});

test('when a quoted cell contains CRLF or is followed by a space, lines and cells are right', () => {
  const { rows } = readTenantCsv(
    `client_id,note,public_key\r\nacme,"two\r\nlines" ,${firstKey}\r\n"globex" ,, "${secondKey}"\r\n`,
  );
  expect(rows.map(({ line, clientId, problems }) => ({ line, clientId, problems }))).toEqual([
    { line: 2, clientId: 'acme', problems: [] },
    { line: 4, clientId: 'globex', problems: [] },
  ]);
});

test.each([
  ['Acme', firstKey, '', /client_id must have 1 to 63/u],
  ['', firstKey, '', /client_id must have 1 to 63/u],
  ['acme', 'not a key', '', /^not a valid public key: /u],
  ['acme', '', '', /^not a valid public key: it is empty/u],
  ['acme', firstKey, '0', /quota is not a whole number from 1 to 3000/u],
  ['acme', firstKey, '3001', /quota is not a whole number/u],
  ['acme', firstKey, '1e3', /quota is not a whole number/u],
])('when the cells are %s, %s, %s, the row has a problem', (clientId, key, quota, problem) => {
  const { rows } = readTenantCsv(`${head}\n${clientId},${key},${quota}\n`);
  expect(rows[0]?.problems).toHaveLength(1);
  expect(rows[0]?.problems[0]).toMatch(problem);
});

test('rejects a private key in a cell and does not return it', () => {
  const { rows } = readTenantCsv(
    `${head}\nacme,"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n-----END OPENSSH PRIVATE KEY-----",\n`,
  );
  expect(rows[0]?.problems[0]).toContain('private key');
  expect(JSON.stringify(rows)).not.toContain('b3BlbnNz');
});

test('when a name or key is repeated, the problem names the line of the first', () => {
  const { rows } = readTenantCsv(`${head}\nacme,${firstKey},\nacme,${firstKey},\n`);
  expect(rows.map((row) => row.problems)).toEqual([
    [],
    ['line 2 has the same client_id', 'line 2 has the same key'],
  ]);
});

test.each([
  ['', 'The file is empty.'],
  ['\n\n', 'The file is empty.'],
  ['acme\n', 'The first line must name the columns: client_id, public_key, quota. It also has: acme.'],
  ['client_id,public_key,client_id\n', 'The first line names client_id twice.'],
  [`${head}\n`, 'There are no tenants below the first line.'],
  [
    `${head}\nacme,"ssh-ed25519`,
    'A quoted cell has no closing quote. It begins in line 2. Inside a quoted cell, write each quote twice: "".',
  ],
  [`PK\u0003\u0004\0${head}`, 'This is a workbook, not a CSV file; save it as “CSV UTF-8”.'],
  ['a'.repeat(maxTenantCsv + 1), 'The file is larger than 1 MB.'],
  [`${head}\n${'acme,x,\n'.repeat(maxCsvTenants + 1)}`, `There are more than ${maxCsvTenants} tenants.`],
])('when a file cannot be read, says why (%#)', (text, problem) => {
  expect(readTenantCsv(text)).toEqual({ rows: [], ignored: [], problem });
});

test('when the text is random, never throws, and rows without a problem are valid requests', () => {
  const cell = fc.oneof(
    fc.constantFrom('acme', 'globex', firstKey, secondKey, '20', '', '"', '""', '\r', '\n', ';', ',', '\t'),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(cell, { maxLength: 40 }), (cells) => {
      const { rows } = readTenantCsv(`${head}\n${cells.join(',')}`);
      for (const row of rows) {
        if (row.problems.length > 0) continue;
        expect(row.clientId).toMatch(clientIdPattern);
        expect(row.publicKey).toMatch(/^ssh-ed25519 /u);
        expect(row.quota === null || (row.quota >= 1 && row.quota <= 3000)).toBe(true);
      }
    }),
  );
});
