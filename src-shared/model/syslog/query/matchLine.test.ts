import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { severities } from '../syslogLine.ts';
import { parseSyslogLine } from '../syslogParse.ts';
import { foldCase } from './logQuery.ts';
import { createLineMatcher, type QueryableLine } from './matchLine.ts';
import { parseQuery } from './parseQuery.ts';

const clock = { now: Date.parse('2026-11-20T08:00:00.000Z'), timeZone: 'UTC' };

function lineOf(text: string, more: Partial<QueryableLine> = {}): QueryableLine {
  const receivedAt = '2026-11-20T03:12:00.000Z';
  return {
    ...parseSyslogLine(text, { receivedAt: Date.parse(receivedAt) }),
    receivedAt,
    appliance: 'kiln-01',
    tenants: [],
    ports: [],
    ...more,
  };
}

const bind = lineOf(
  '2026-11-20T03:09:55.371+00:00 kiln-01 sshd[8812]: error: bind [127.0.0.1]:2204: Address already in use',
  { tenants: ['northwind'], ports: [2204] },
);
const matches = (query: string, line = bind) => createLineMatcher(parseQuery(query, clock).query)(line);

test.each([
  '',
  'address',
  'ADDRESS',
  '"already in use"',
  '[127.0.0.1]:2204',
  'sshd[8812]:',
  '2026-11-20T03:09',
  'word:bind',
  'word:2204',
  'program:sshd',
  'program:SSH*',
  'program:ssh?',
  'host:kiln-01',
  'appliance:kiln-*',
  'tenant:northwind',
  'tenant:*',
  'port:2204',
  'port:2200..2239',
  'pid:8812',
  'severity:<=err',
  'severity:err',
  'severity:<warning',
  '-CRON',
  '-facility:*',
  'NOT tenant:umbrella',
  'bind OR absent',
  'absent OR bind address',
  '(absent OR bind) use',
  '/bind \\[.*\\]:\\d+/',
  '/ERROR/i',
  'add*s',
  'time:03:05..03:16',
  'time:2026-11-20',
  'time:today',
  'time:-5h',
])('the line about a port in use fits %j', (query) => {
  expect(matches(query)).toBe(true);
});

test.each([
  'absent',
  '-address',
  'word:add',
  'word:204',
  'program:ssh',
  'program:cron',
  'tenant:north',
  'port:8812',
  'pid:>8812',
  'severity:<=crit',
  'severity:warning',
  'facility:auth',
  'bind absent',
  'absent OR -bind',
  '/ERROR/',
  'err*use',
  'time:03:10',
  'time:yesterday',
  'time:>=-1h',
])('the line about a port in use does not fit %j', (query) => {
  expect(matches(query)).toBe(false);
});

const fitting = (query: string) =>
  severities.filter((severity) => createLineMatcher(parseQuery(query, clock).query)({ ...bind, severity }));

describe('when severities are compared', () => {
  test.each([
    ['severity:<=err', ['emerg', 'alert', 'crit', 'err']],
    ['severity:<err', ['emerg', 'alert', 'crit']],
    ['severity:err', ['err']],
    ['severity:>=notice', ['notice', 'info', 'debug']],
    ['severity:crit..warning', ['crit', 'err', 'warning']],
  ])('%s, smaller is more urgent', (query, expected) => {
    expect(fitting(query)).toEqual(expected);
  });

  test('a line without severity fits no test of it', () => {
    expect(matches('severity:<=debug', { ...bind, severity: null })).toBe(false);
    expect(matches('-severity:<=debug', { ...bind, severity: null })).toBe(true);
  });
});

test('when a line has a PRI, its facility can be searched', () => {
  const line = lineOf('<86>Nov 20 03:09:55 kiln-01 sshd[1]: x');
  expect(matches('facility:authpriv', line)).toBe(true);
  expect(matches('facility:auth*', line)).toBe(true);
  expect(matches('facility:auth', line)).toBe(false);
});

test('when a line has no time, its arrival counts', () => {
  expect(matches('time:03:12', lineOf('no time'))).toBe(true);
});

test.each([
  ['STRASSE', 'Strasse', true],
  ['ΌΔΌΣ', 'όδός', true],
  ['ΣΑΣ', 'σασ', true],
  ['İstanbul', 'istanbul', false],
  ['İstanbul', 'İSTANBUL', true],
  ['ПРИВЕТ', 'привет', true],
])('when case is folded, %s and %s are alike: %s', (text, query, expected) => {
  expect(foldCase(text).includes(foldCase(query))).toBe(expected);
});

test('when case is folded, the text keeps its length and a part of it is found', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units)),
      fc.nat(),
      fc.nat(),
      (text, one, other) => {
        expect(foldCase(text)).toHaveLength(text.length);
        const characters = Array.from(text);
        const part = characters
          .slice(one % (characters.length + 1), other % (characters.length + 1))
          .join('');
        expect(foldCase(text)).toContain(foldCase(part.toUpperCase().length === part.length ? part : ''));
      },
    ),
  );
});

test('when lines and queries are random, NOT, AND and OR mean what they say', () => {
  const term = fc.constantFrom(
    'a',
    'b',
    'word:a',
    '/a.b/',
    'program:a',
    'severity:<=err',
    'a?b',
    '-b',
    'port:7',
  );
  const line = fc
    .string({ unit: fc.constantFrom('a', 'b', ' ', 'é', '_'), maxLength: 8 })
    .map((message) => lineOf(`Nov 20 03:09:55 h a[7]: ${message}`, { ports: [7] }));
  fc.assert(
    fc.property(term, term, line, (one, other, subject) => {
      const [first, second] = [matches(one, subject), matches(other, subject)];
      expect(matches(`${one} ${other}`, subject)).toBe(first && second);
      expect(matches(`${one} OR ${other}`, subject)).toBe(first || second);
      expect(matches(`NOT (${one} OR ${other})`, subject)).toBe(!first && !second);
      expect(matches(`-(${one} ${other})`, subject)).toBe(!(first && second));
    }),
  );
});
