import { expect, test } from 'vitest';
import { logQuerySchema } from './logQuerySchema.ts';
import { parseQuery } from './parseQuery.ts';

const clock = { now: Date.parse('2026-11-20T08:00:00.000Z'), timeZone: 'UTC' };

test.each([
  '',
  'severity:<=err program:sshd -CRON',
  '(a OR "b c") NOT word:d /e+/i',
  'pid:7 port:2200..2239 time:-1h host:kiln-*',
  'tenant:northwind facility:auth appliance:kiln-01',
])('accepts the tree of %j unchanged', (text) => {
  const { query } = parseQuery(text, clock);
  expect(logQuerySchema.parse(query)).toEqual(query);
});

test.each([
  {},
  null,
  { kind: 'text', text: '' },
  { kind: 'field', field: 'pid', op: '~', value: 7 },
  { kind: 'field', field: 'severity', op: '=', value: 'bad' },
  { kind: 'not', node: { kind: 'any' } },
  { kind: 'regexp', source: 'a', flags: 'g' },
])('rejects %j', (query) => {
  expect(logQuerySchema.safeParse(query).success).toBe(false);
});
