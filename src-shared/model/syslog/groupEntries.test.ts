import fc from 'fast-check';
import { expect, test } from 'vitest';
import { groupEntries, maxEntryLines } from './groupEntries.ts';
import { parseSyslogLine } from './syslogParse.ts';

const receivedAt = Date.parse('2026-11-20T12:00:00.000Z');
const group = (...lines: string[]) =>
  groupEntries(lines.map((line) => parseSyslogLine(line, { receivedAt })));
const at = (second: number, rest: string) => `Nov 20 09:04:${String(second).padStart(2, '0')} kiln ${rest}`;

test('when a message has line feeds, the lines without time continue it', () => {
  expect(group(at(1, 'app[7]: first'), 'second', '', '  third', at(1, 'app[7]: next'))).toEqual([
    null,
    0,
    0,
    0,
    null,
  ]);
});

test('when a file begins with lines without time, each is an entry', () => {
  expect(group('plain', 'text', at(1, 'app[7]: a'), 'b')).toEqual([null, null, null, 2]);
});

test('when lines of Java are separate records with others in between, they are one entry', () => {
  expect(
    group(
      at(1, 'ke_api[812]: java.io.IOException: broken'),
      at(1, 'ke_api[812]: #011at com.example.A.run(A.java:12)'),
      at(1, 'sshd[9]: Accepted publickey for connect'),
      at(1, 'ke_api[812]: Caused by: java.net.ConnectException: refused'),
      at(2, 'ke_api[812]: #011... 12 more'),
      at(2, 'ke_api[812]: ready'),
    ),
  ).toEqual([null, 0, null, 0, 0, null]);
});

test('when Python writes a chain of tracebacks, it is one entry up to its last line', () => {
  expect(
    group(
      at(1, 'ke_worker[819]: Traceback (most recent call last):'),
      at(1, 'ke_worker[819]:   File "a.py", line 3, in run'),
      at(1, 'ke_worker[819]: KeyError: 1'),
      at(1, 'ke_worker[819]: '),
      at(1, 'ke_worker[819]: During handling of the above exception, another exception occurred:'),
      at(1, 'ke_worker[819]: Traceback (most recent call last):'),
      at(1, 'ke_worker[819]: psycopg.OperationalError: connection failed'),
      at(1, 'ke_worker[819]: ValueError: not of the traceback'),
    ),
  ).toEqual([null, 0, 0, 0, 0, 0, 0, null]);
});

test('when an indented line comes from another process or later, it is an entry', () => {
  expect(group(at(1, 'app[7]: a'), at(1, 'app[8]:  b'), at(4, 'app[7]:  c'), at(4, 'app[7]:  d'))).toEqual([
    null,
    null,
    null,
    2,
  ]);
});

test('when an entry never ends, it is cut', () => {
  const found = group(at(1, 'app[7]: a'), ...Array.from({ length: maxEntryLines }, () => '  more'));
  expect(found.slice(-2)).toEqual([0, null]);
});

test('when lines are random, each continues an entry that begins before it', () => {
  const line = fc.oneof(
    fc.constantFrom(
      at(1, 'a[1]: x'),
      at(1, 'a[1]:  y'),
      at(9, 'b: Traceback (most recent call last):'),
      'KeyError: 1',
      '',
    ),
    fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units)),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 40 }), (lines) => {
      const found = group(...lines);
      expect(found.every((first, index) => first === null || (first < index && found[first] === null))).toBe(
        true,
      );
    }),
  );
});
