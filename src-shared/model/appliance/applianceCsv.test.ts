import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readApplianceCsv } from './applianceCsv.ts';

const head = 'name,address,group,cluster,tags,description,key_file,jump';

test('when every column is present, reads all of them', () => {
  const text = `${head}\r\nkiln,root@k.example:2222,labs,south,"dmz; Berlin","in rack 7, left",~/.ssh/k,ops@gate;ada@[::1]:23\r\n`;
  expect(readApplianceCsv(text, 'a.csv')).toEqual({
    problems: [],
    candidates: [
      {
        place: 'a.csv, line 2',
        name: 'kiln',
        target: { user: 'root', host: 'k.example', port: 2222, keyFile: '~/.ssh/k' },
        jumps: [
          { user: 'ops', host: 'gate', port: 22, keyFile: '~/.ssh/k' },
          { user: 'ada', host: '::1', port: 23, keyFile: '~/.ssh/k' },
        ],
        fields: { group: 'labs', cluster: 'south', tags: ['dmz', 'Berlin'], description: 'in rack 7, left' },
        problems: [],
      },
    ],
  });
});

test.each([
  ['name,host,user,port', 'kiln,k.example,ops,2222', 'ops@k.example:2222'],
  ['name;hostname;username', 'kiln;k.example;ops', 'ops@k.example:22'],
  ['name,address,port', 'kiln,ops@k.example,2222', 'ops@k.example:2222'],
  ['name;host;login;ssh_port', 'kiln;k.example;ops;"2222,00"', 'ops@k.example:2222'],
  ['name,address,user,port', 'kiln,ada@k.example:23,ops,2222', 'ada@k.example:23'],
  ['name,host,user,port', 'kiln,2001:db8::1,ops,2222', 'ops@2001:db8::1:2222'],
  ['name,host,user', 'kiln,[2001:db8::1],ops@corp.example', 'ops@corp.example@2001:db8::1:22'],
])('when the columns are %s, completes the address of %s', (names, row, expected) => {
  const { candidates, problems } = readApplianceCsv(`${names}\n${row}`);
  const { user, host, port } = candidates[0]?.target ?? {};
  expect([`${user}@${host}:${port}`, ...problems]).toEqual([expected]);
});

test.each([
  ['kiln,k.example,,22', 'the address is not of the form'],
  ['kiln,k.example,ops,2E+03', 'the address is not of the form'],
])('when the row %s makes no address, says so', (row, problem) => {
  const { candidates } = readApplianceCsv(`name,host,user,port\n${row}`);
  expect(candidates[0]?.problems).toEqual([expect.stringContaining(problem)]);
});

test.each([
  ['on-demand', { connect: 'on-demand' }, []],
  ['On demand', { connect: 'on-demand' }, []],
  ['always', { connect: 'always' }, []],
  ['', { connect: 'always' }, []],
  ['never', {}, ['connect is neither always nor on-demand']],
])('when the column connect has %j, reads %o', (cell, fields, problems) => {
  const { candidates } = readApplianceCsv(`name,address,connect\nkiln,ops@k,${cell}`);
  expect(candidates).toMatchObject([{ fields, problems }]);
});

test('when columns are missing or in another order, reads only the columns of the file', () => {
  const { candidates, problems } = readApplianceCsv('Address;colour;NAME\nroot@k;red;kiln');
  expect(candidates).toEqual([
    {
      place: 'CSV, line 2',
      name: 'kiln',
      target: { user: 'root', host: 'k', port: 22, keyFile: null },
      jumps: null,
      fields: {},
      problems: [],
    },
  ]);
  expect(problems).toEqual(['Ignored columns: colour.']);
});

test.each([
  ['', /^The file is empty\.$/u],
  ['name,group\nkiln,x', /must name the columns: name, address/u],
  ['name,address', /no appliances below/u],
  ['name,address,name\nkiln,root@k,x', /names name twice/u],
  [`name,address\n${'a,b@c\n'.repeat(501)}`, /more than 500 appliances/u],
  // The rest of the file is not read.
  [`name,address\n${'a,b@c\n'.repeat(501)}"`, /more than 500 appliances/u],
])('when the file is %j, rejects the whole file', (text, problem) => {
  const { candidates, problems } = readApplianceCsv(text);
  expect(candidates).toEqual([]);
  expect(problems).toEqual([expect.stringMatching(problem)]);
});

test.each([
  ['"~/my keys/k"', '~/my keys/k'],
  [String.raw`/srv/my\ keys/k`, '/srv/my keys/k'],
  ['file:///srv/my%20keys/k', '/srv/my keys/k'],
  [String.raw`C:\Users\Ada\.ssh\k`, String.raw`C:\Users\Ada\.ssh\k`],
])('when a key file is written as %s, reads the path', (written, keyFile) => {
  const cell = `"${written.replaceAll('"', '""')}"`;
  const { candidates } = readApplianceCsv(`name,host,identity\nkiln,root@k,${cell}`);
  expect(candidates[0]?.target?.keyFile).toBe(keyFile);
});

test.each([
  [
    'r\u00a0oot@kiln:x',
    'the address is not of the form USER@HOST[:PORT]; character 2 is a no-break space (U+00A0)',
  ],
  ['root@k\u0430ln:x', 'the address is not of the form USER@HOST[:PORT]; character 7 is a Cyrillic letter'],
  ['2.20E+03', 'the address: a spreadsheet shortened the number'],
])('when the address is %s, names the character or what a spreadsheet did', (address, reason) => {
  const { candidates } = readApplianceCsv(`name,address\nkiln,${address}`);
  expect(candidates[0]?.problems).toEqual([expect.stringContaining(reason)]);
});

test('when users contain @ or a backslash, splits each address at its last @', () => {
  const text = String.raw`name,address,jump
kiln,ops@corp.example@kiln:23,CORP\ada@gate;ssh://ops%40corp@[::1]:24`;
  expect(readApplianceCsv(text).candidates).toEqual([
    expect.objectContaining({
      target: { user: 'ops@corp.example', host: 'kiln', port: 23, keyFile: null },
      jumps: [
        { user: String.raw`CORP\ada`, host: 'gate', port: 22, keyFile: null },
        { user: 'ops@corp', host: '::1', port: 24, keyFile: null },
      ],
      problems: [],
    }),
  ]);
});

test('when a file has many unknown columns, lists the first 20', () => {
  const unknown = Array.from({ length: 50_000 }, (_, at) => `c${at}`);
  const { candidates, problems } = readApplianceCsv(`name,address,${unknown.join(',')}\nkiln,root@k`);
  expect(candidates).toHaveLength(1);
  expect(problems).toEqual([`Ignored columns: ${unknown.slice(0, 20).join(', ')}.`]);
});

test.each([
  ['kiln,k.example,', ['the address is not of the form USER@HOST[:PORT]']],
  ['kiln,root@k,gate', ['a jump host is not of the form USER@HOST[:PORT]']],
])('when a row is %s, reports its problem', (row, problems) => {
  expect(readApplianceCsv(`name,address,jump\n${row}`).candidates).toMatchObject([{ problems }]);
});

test('when the text is random, never throws', () => {
  const text = fc.array(fc.oneof(fc.constantFrom(head, '\n', ',', '"', 'root@k', ';'), fc.string()), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(text, (parts) => {
      expect(Array.isArray(readApplianceCsv(parts.join('')).candidates)).toBe(true);
    }),
  );
});
