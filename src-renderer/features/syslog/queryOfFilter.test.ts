import '../../../test-support/renderer/pageSetup.ts';
import { expect, test } from 'vitest';
import { parseQuery } from '../../../src-shared/model/syslog/query/parseQuery.ts';
import { queryOfFilter } from './applianceChoice.tsx';

test.each([
  ['', 'all', ''],
  ['northwind', 'all', 'northwind'],
  ['northwind', 'err', 'northwind severity:<=err'],
  ['', 'warning', 'severity:<=warning'],
  [' not found ', 'all', '"not found"'],
  ['-CRON', 'all', '"-CRON"'],
  ['NOT', 'all', '"NOT"'],
  ['a "b" \\ c', 'all', String.raw`"a \"b\" \\ c"`],
  ['program:sshd', 'all', '"program:sshd"'],
  ['/tmp/', 'all', '"/tmp/"'],
] as const)(
  'when the live filter is %j with severity %s, the search begins with %s',
  (q, severity, query) => {
    expect(queryOfFilter({ q, severity })).toBe(query);
  },
);

test.each(['northwind', ' not found ', '-CRON', 'NOT', 'a "b" \\ c', 'program:sshd', '/tmp/', '(a'])(
  'when the live filter is %j, the query finds exactly this text',
  (q) => {
    const query = queryOfFilter({ q, severity: 'all' });
    expect(parseQuery(query, { now: 0, timeZone: 'UTC' }).query).toEqual({ kind: 'text', text: q.trim() });
  },
);
