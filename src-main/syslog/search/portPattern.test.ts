import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLineMatcher } from '../../../src-shared/model/syslog/query/matchLine.ts';
import { parseSyslogLine } from '../../../src-shared/model/syslog/syslogParse.ts';
import { portQuery, rangePattern } from './portPattern.ts';

function finds(op: Parameters<typeof portQuery>[0], port: number, text: string): boolean {
  const query = portQuery(op, port);
  if (query === null) return false;
  const line = parseSyslogLine(`2026-11-20T03:09:55Z kiln-01 ${text}`, { receivedAt: 0 });
  return createLineMatcher(query)({ ...line, receivedAt: '', appliance: 'kiln-01', tenants: [], ports: [] });
}

test('the pattern of a range fits its numbers and no others', () => {
  const number = fc.integer({ min: 1000, max: 9999 });
  fc.assert(
    fc.property(number, number, number, (a, b, tried) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      const fits = new RegExp(`^(?:${rangePattern(String(low), String(high))})$`, 'u').test(String(tried));
      expect(fits).toBe(tried >= low && tried <= high);
    }),
  );
});

test.each([
  ['sshd[8812]: error: bind [127.0.0.1]:2204: Address already in use', true],
  ['sshd[8812]: error: cannot listen to port: 2204', true],
  ['sshd[8812]: Local forwarding listening on 127.0.0.1 port 2204.', true],
  ['ke_registrar[812]: northwind: docs/cmis wants 2204, held by sshd 1207', true],
  ['app[7]: job 2204 is done', false],
  ['sshd[2204]: Connection closed', false],
  ['sshd[8812]: error: cannot listen to port: 22041', false],
])('when the line is %s, the search for port 2204 finds it: %s', (text, isFound) => {
  expect(finds('=', 2204, text)).toBe(isFound);
});

test('when a port is compared, only ports of tenants in that range are found', () => {
  const line = 'sshd[8812]: error: cannot listen to port: 2204';
  expect([
    finds('>=', 2204, line),
    finds('>', 2204, line),
    finds('<', 2205, line),
    finds('<', 2204, line),
  ]).toEqual([true, false, true, false]);
  expect(portQuery('<', 2200)).toBeNull();
});
