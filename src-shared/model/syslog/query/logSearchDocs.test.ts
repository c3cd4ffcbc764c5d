import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseSyslogLine } from '../syslogParse.ts';
import { maxQueryDepth, maxQueryLength, maxQueryTerms, maxRegexpLength, queryTerms } from './logQuery.ts';
import { createLineMatcher } from './matchLine.ts';
import { parseQuery } from './parseQuery.ts';

const document = readFileSync(new URL('../../../../docs/log-search.md', import.meta.url), 'utf8');
const now = Date.parse('2026-11-20T09:00:00.000Z');
const clock = { now, timeZone: 'UTC' };

const lines = (/```log\n(.*?)```/su.exec(document)?.[1] ?? '')
  .trimEnd()
  .split('\n')
  .map((line) => ({
    ...parseSyslogLine(line.replace(/^\d+ /u, ''), { receivedAt: now }),
    receivedAt: new Date(now).toISOString(),
    appliance: 'kiln-01',
    tenants: [],
    ports: [],
  }));
const examples = [
  ...document.slice(document.indexOf('## Worked examples')).matchAll(/^\| `(.+)` +\| ([\d, ]+?) +\|$/gmu),
].map(([, query = '', found = '']): [string, string] => [query, found]);

test('the guide has lines and examples', () => {
  expect(lines).toHaveLength(9);
  expect(examples.length).toBeGreaterThan(15);
});

test.each(examples)('the example %s finds %s', (query, found) => {
  const isMatch = createLineMatcher(parseQuery(query, clock).query);
  expect(lines.flatMap((line, index) => (isMatch(line) ? [index + 1] : [])).join(', ')).toBe(found);
});

test('every query in the guide is valid', () => {
  const [terms = ''] = document.split('## Limits');
  const queries = [...terms.matchAll(/`((?:[a-z]+:|\/|"|-|\()[^`…]+)`/gu)].map(([, query = '']) => query);
  expect(queries.length).toBeGreaterThan(20);
  expect(queries.filter((query) => parseQuery(query, clock).query.kind === 'all')).toEqual([]);
});

test('the guide names all fields and limits', () => {
  for (const term of queryTerms) expect(document).toContain(term);
  expect(document).toContain(
    `at most ${maxQueryLength.toLocaleString('en')} characters, ${maxQueryTerms} terms and ${maxQueryDepth} levels`,
  );
  expect(document).toContain(`at most ${maxRegexpLength}\ncharacters`);
});
