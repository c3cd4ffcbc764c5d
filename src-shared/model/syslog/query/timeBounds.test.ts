import { expect, test } from 'vitest';
import { parseQuery } from './parseQuery.ts';
import { timeBounds } from './timeBounds.ts';

const clock = { now: Date.parse('2026-11-20T12:00:00Z'), timeZone: 'UTC' };
const at = (text: string) => Date.parse(`2026-11-20T${text}:00Z`);

test.each([
  ['sshd severity:<=err', -Infinity, Infinity],
  ['sshd time:>=03:00', at('03:00'), Infinity],
  ['sshd time:03:00..04:00', at('03:00'), at('04:01')],
  ['time:>=03:00 (time:<05:00 OR time:<06:00)', at('03:00'), at('06:00')],
  ['time:>=03:00 OR sshd', -Infinity, Infinity],
  ['time:>=03:00 -time:>=05:00', at('03:00'), Infinity],
])('when the query is %j, its lines are between %d and %d', (text, from, to) => {
  expect(timeBounds(parseQuery(text, clock).query)).toEqual({ from, to });
});
