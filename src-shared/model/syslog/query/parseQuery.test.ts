import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../../errors.ts';
import { checkQuery, parseQuery } from './parseQuery.ts';
import { printQuery } from './printQuery.ts';
import { maxQueryDepth, maxQueryLength, maxQueryTerms, type LogQuery } from './logQuery.ts';

const clock = { now: Date.parse('2026-11-20T08:00:00.000Z'), timeZone: 'UTC' };
const parse = (text: string) => parseQuery(text, clock).query;
const text = (value: string): LogQuery => ({ kind: 'text', text: value });
const and = (...nodes: LogQuery[]): LogQuery => ({ kind: 'and', nodes });
const or = (...nodes: LogQuery[]): LogQuery => ({ kind: 'or', nodes });
const not = (node: LogQuery): LogQuery => ({ kind: 'not', node });
const program = (value: string): LogQuery => ({ kind: 'field', field: 'program', op: '=', value });
const severity = (op: '=' | '<=' | '>=', value: 'err' | 'warning' | 'crit'): LogQuery => ({
  kind: 'field',
  field: 'severity',
  op,
  value,
});
const time = (op: '>=' | '<', value: string): LogQuery => ({
  kind: 'field',
  field: 'time',
  op,
  value: Date.parse(value),
});

test.each<[string, LogQuery]>([
  ['', { kind: 'all' }],
  ['  ', { kind: 'all' }],
  ['a b', and(text('a'), text('b'))],
  ['a AND b', and(text('a'), text('b'))],
  ['a OR b', or(text('a'), text('b'))],
  ['a OR b c', or(text('a'), and(text('b'), text('c')))],
  ['a b OR c', or(and(text('a'), text('b')), text('c'))],
  ['(a OR b) c', and(or(text('a'), text('b')), text('c'))],
  ['(a)(b)', and(text('a'), text('b'))],
  ['a OR b OR c', or(text('a'), text('b'), text('c'))],
  ['-CRON', not(text('CRON'))],
  ['NOT CRON x', and(not(text('CRON')), text('x'))],
  ['NOT NOT a', text('a')],
  ['-(a OR b)', not(or(text('a'), text('b')))],
  ['-"session closed"', not(text('session closed'))],
  ['"session closed"', text('session closed')],
  [String.raw`"say \"hi\" \\ \n"`, text(String.raw`say "hi" \ \n`)],
  ['not found and closed', and(text('not'), text('found'), text('and'), text('closed'))],
  ['program:sshd', program('sshd')],
  ['Program:sshd', program('sshd')],
  ['-program:CRON', not(program('CRON'))],
  ['program:"a b*"', program('a b*')],
  ['program:ke_*', { kind: 'field', field: 'program', op: '~', value: 'ke_*' }],
  ['program:(sshd OR CRON)', or(program('sshd'), program('CRON'))],
  ['host:2001:db8::a', { kind: 'field', field: 'host', op: '=', value: '2001:db8::a' }],
  ['tenant:northwind', { kind: 'field', field: 'tenant', op: '=', value: 'northwind' }],
  ['severity:err', severity('=', 'err')],
  ['severity:<=err', severity('<=', 'err')],
  ['severity:<=3', severity('<=', 'err')],
  ['severity:WARN', severity('=', 'warning')],
  ['severity:warning..crit', and(severity('>=', 'crit'), severity('<=', 'warning'))],
  ['severity:(err OR <=crit)', or(severity('=', 'err'), severity('<=', 'crit'))],
  ['facility:kernel', { kind: 'field', field: 'facility', op: '=', value: 'kern' }],
  ['pid:8812', { kind: 'field', field: 'pid', op: '=', value: 8812 }],
  [
    'port:2200..2239',
    and(
      { kind: 'field', field: 'port', op: '>=', value: 2200 },
      { kind: 'field', field: 'port', op: '<=', value: 2239 },
    ),
  ],
  ['time:>=-1h', time('>=', '2026-11-20T07:00:00Z')],
  ['time:-1h', time('>=', '2026-11-20T07:00:00Z')],
  ['time:>2026-11-19', time('>=', '2026-11-20T00:00:00Z')],
  ['time:<=03:10', time('<', '2026-11-20T03:11:00Z')],
  ['time:<03:10', time('<', '2026-11-20T03:10:00Z')],
  ['time:03:05..03:16', and(time('>=', '2026-11-20T03:05:00Z'), time('<', '2026-11-20T03:17:00Z'))],
  ['time:22:00..03:00', and(time('>=', '2026-11-19T22:00:00Z'), time('<', '2026-11-20T03:01:00Z'))],
  ['time:"2026-11-20 03:10"', and(time('>=', '2026-11-20T03:10:00Z'), time('<', '2026-11-20T03:11:00Z'))],
  ['word:err', { kind: 'word', text: 'err' }],
  ['word:"no key"', { kind: 'word', text: 'no key' }],
  ['/err(or)? \\d/', { kind: 'regexp', source: 'err(or)? \\d', flags: '' }],
  ['/a\\/b[/]/i', { kind: 'regexp', source: 'a\\/b[/]', flags: 'i' }],
  ['ssh*', text('ssh')],
  ['*sshd', text('sshd')],
  ['k?ln-*.example', { kind: 'regexp', source: 'k\\Sln-\\S*\\.example', flags: 'i' }],
])('when the query is %j, reads it', (query, expected) => {
  expect(parse(query)).toEqual(expected);
});

test.each([
  '/var/log/syslog',
  '/var/log/',
  '/',
  '10.0.0.7:22',
  '[127.0.0.1]:2204:',
  '2001:db8::a',
  '::1',
  'fe80::1%eth0',
  'sshd[8812]:',
  'pam_unix(sshd:session):',
  "it's",
  'user="root"',
  '"status":502',
  '"open',
  '(open',
  'close)',
  ':(',
  'error:',
  'port:',
  'SHA256:AbC+/=',
  'a,b',
  '{"a":1}',
  '<38>',
  '--help',
  '-',
  '->',
  '*',
  '???',
  '""',
  '100%',
  'a&&b',
  'C:\\Temp',
  '#012',
  'ключ',
  '🔑',
])('when the text is %s, searches for it', (query) => {
  expect(parse(query)).toEqual(text(query));
});

test('when a line of the log is pasted, its words are searched for', () => {
  const line = 'sshd[8812]: error: bind [127.0.0.1]:2204: Address already in use';
  expect(parse(line)).toEqual(and(...line.split(' ').map(text)));
});

describe('when a query is not valid, the error names the position', () => {
  const nested = `${'('.repeat(maxQueryDepth + 1)}a${')'.repeat(maxQueryDepth + 1)}`;
  test.each([
    ['a OR', 'At character 3: OR needs a term after it. To search for the word, write "OR".', 'OR'],
    ['OR a', 'At character 1: OR needs a term before it. To search for the word, write "OR".', 'OR'],
    [
      'a AND AND b',
      'At character 7: AND needs a term before it. To search for the word, write "AND".',
      'AND',
    ],
    ['(a NOT)', 'At character 4: NOT needs a term after it. To search for the word, write "NOT".', 'NOT'],
    ['a ()', 'At character 3: There is nothing in these brackets.', '('],
    [
      'x severity:high',
      'At character 12: “high” is not a severity. Use emerg, alert, crit, err, warning, notice, info, debug or 0 to 7. To search for this text, put it in quotation marks.',
      'high',
    ],
    [
      'port:ssh',
      'At character 6: port needs a number, not “ssh”. To search for this text, put it in quotation marks.',
      'ssh',
    ],
    [
      'program:<sshd',
      'At character 1: program has no order, so < does not apply. Write program:sshd.',
      'program:<sshd',
    ],
    ['host:""', 'At character 1: host needs a value, e.g. host:kiln-01.', 'host:""'],
    [
      'program:(a host:b)',
      'At character 12: The values of a field can’t be those of another field.',
      'host:b',
    ],
    [
      '/a/g',
      'At character 1: A regular expression takes the flag i only, not g. For a path, use quotation marks.',
      '/a/g',
    ],
    ['x /(/', 'At character 3: The regular expression is not valid: missing closing ): “(”.', '/(/'],
    [nested, 'At character 17: Brackets and NOT are nested deeper than 16 levels.', '('],
  ])('%s', (query, message, part) => {
    expect(() => parse(query)).toThrow(AppError);
    const { problem } = checkQuery(query, clock);
    expect(problem?.message).toBe(message);
    expect(query.slice(problem?.from, problem?.to)).toBe(part);
  });

  test('when it is too long or has too many terms', () => {
    expect(() => parse('a'.repeat(maxQueryLength + 1))).toThrow('at most 4000 characters; this one has 4001');
    expect(() => parse('a '.repeat(maxQueryTerms + 1))).toThrow(`at most ${maxQueryTerms} terms`);
    expect(() => parse(`/${'a'.repeat(401)}/`)).toThrow('longer than 400 characters');
  });
});

test.each([
  ['programm:sshd', 'This searches for the text. Did you mean the field program?'],
  ['a or b', 'This searches for the word. To combine terms, write OR.'],
  ['severity:>=err', 'This finds less urgent lines. For err and worse, write severity:<=err.'],
  ['apt-get -y install', 'This excludes lines with y. To search for the text, write "-y".'],
  ['/tmp/', 'This is a regular expression. For the path, write "/tmp/".'],
  ['(a', 'Nothing closes this bracket, so it is searched for as text.'],
  ['"a b', 'Nothing closes this quotation mark, so it is searched for as text.'],
])('when the query is %s, gives a hint', (query, message) => {
  expect(parseQuery(query, clock).remarks.map((remark) => remark.message)).toEqual([message]);
});

test('when terms are excluded, says where they are', () => {
  const { terms } = parseQuery('a -(b NOT c)', clock);
  expect(terms.map(({ from, to, isExcluded }) => [from, to, isExcluded])).toEqual([
    [0, 1, false],
    [4, 5, true],
    [10, 11, false],
  ]);
});

describe('when a query is printed', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'a',
      'OR',
      'AND',
      'NOT',
      '(',
      ')',
      '-',
      '"',
      '/',
      '\\',
      '*',
      '?',
      'x y',
      'severity:',
      'program:',
      'host:',
      'port:',
      'word:',
      'time:',
      '<=',
      '>',
      '=',
      'err',
      '22',
      '..',
      '03:10',
      '-1h',
      'time:-999999w',
      'time:9999-12-30',
      'time:0000-01-01',
      ' ',
      ' ',
      ' ',
      '/i',
      '[',
      ']',
      'today',
      ':',
    ),
    fc.array(fc.nat(0xffff), { maxLength: 4 }).map((units) => String.fromCharCode(...units)),
  );
  const written = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(''));

  test('the same query is read from it', () => {
    let compared = 0;
    fc.assert(
      fc.property(written, (query) => {
        const { parsed } = checkQuery(query, clock);
        if (parsed === null) return;
        compared += 1;
        expect(parse(printQuery(parsed.query))).toEqual(parsed.query);
      }),
      { numRuns: 4000 },
    );
    expect(compared).toBeGreaterThan(1000);
  });

  test.each([
    ['a AND (b OR NOT c) AND -"x y"', 'a (b OR -c) -"x y"'],
    ['NOT --help', 'NOT --help'],
    ['program:"a b" host:ki*', 'program:"a b" host:ki*'],
    ['"OR"', '"OR"'],
    ['/var\n/i', '"/var" "/i"'],
    ['time:today', 'time:>=2026-11-20T00:00:00.000Z time:<2026-11-21T00:00:00.000Z'],
  ])('%s becomes %s', (query, printed) => {
    expect(printQuery(parse(query))).toBe(printed);
  });
});

test('when a text is random, it is read or refused with its position, in bounded time', () => {
  const before = process.cpuUsage().user;
  for (const part of ['(', ')', '"', '-(', '(a', '((a) ', '/', '\\"', 'a:(', '"a"(', 'NOT ', '-'])
    checkQuery(part.repeat(maxQueryLength).slice(0, maxQueryLength), clock);
  expect(process.cpuUsage().user - before).toBeLessThan(10_000_000);
  fc.assert(
    fc.property(
      fc.array(fc.nat(0xffff), { maxLength: 200 }).map((units) => String.fromCharCode(...units)),
      (query) => {
        const { problem } = checkQuery(query, clock);
        if (problem === null) return;
        expect(problem.from).toBeGreaterThanOrEqual(0);
        expect(problem.to).toBeLessThanOrEqual(query.length);
      },
    ),
  );
});
