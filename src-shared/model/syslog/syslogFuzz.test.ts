import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeControlEscapes } from './controlEscapes.ts';
import { createEntryGrouper } from './groupEntries.ts';
import { decodeLogBytes } from './logBytes.ts';
import { readStructuredData } from './structuredData.ts';
import { rawLine } from './syslogLine.ts';
import { parseSyslogLine } from './syslogParse.ts';

const receivedAt = Date.parse('2026-11-20T12:00:00.000Z');

/** Parts of lines of all formats, so that random lines get far into the parser. */
const part = fc.oneof(
  fc.constantFrom(
    '<38>',
    '<192>',
    '<1',
    '1 ',
    'Nov 20 09:04:12',
    'Dec 31 23:59:59',
    'Feb 29 00:00:00',
    '2026-11-20T09:04:12.5+01:00',
    '1970-01-01T00:00:00Z',
    '2100-12-31T23:59:60Z',
    '9999-12-31T23:59:59-14:00',
    '0000-01-01T00:00:00Z',
    ' UTC',
    ' CET',
    ' ',
    '  ',
    '- ',
    'kiln',
    '[2001:db8::a]',
    'fe80::1%eth0',
    'sshd',
    '[812]',
    ': ',
    ':',
    '[ex@1 a="1"]',
    '[ex@1 a="',
    '\\"',
    '"]',
    '\ufeff',
    '[3 NUL bytes]',
    '#012#011',
    '\0',
    '\r',
    '\udcff',
    '%ASA-6-1',
    '45: *',
    'error',
  ),
  fc.array(fc.nat(0xffff), { maxLength: 6 }).map((units) => String.fromCharCode(...units)),
);
const start = fc.constantFrom(
  '',
  'Nov 20 09:04:12 ',
  '<38>1 2026-11-20T09:04:12Z h a 1 - ',
  '2100-02-28T00:00:00Z ',
);
const line = fc
  .tuple(start, fc.array(part, { maxLength: 12 }))
  .map(([first, parts]) => first + parts.join(''));

test('when lines are random, head and message are the line, and every reader ends', () => {
  const grouper = createEntryGrouper();
  let stamped = 0;
  fc.assert(
    fc.property(line, fc.integer({ min: -840, max: 840 }), (text, zoneOffsetMinutes) => {
      const parsed = parseSyslogLine(text, { receivedAt, zoneOffsetMinutes });
      expect(rawLine(parsed)).toBe(text.replace(/\r$/u, ''));
      if (parsed.time !== null) stamped += 1;
      expect(parsed.time === null || new Date(parsed.time).toISOString() === parsed.time).toBe(true);
      expect(readStructuredData(parsed)?.elements.length).not.toBe(0);
      grouper.add(parsed);
      expect(decodeControlEscapes(text).length).toBeLessThanOrEqual(text.length);
    }),
    { numRuns: 5000 },
  );
  expect(stamped).toBeGreaterThan(200);
});

test('when bytes are random, the line of them is parsed', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const text = decodeLogBytes(bytes);
      expect(rawLine(parseSyslogLine(text, { receivedAt }))).toBe(text.replace(/\r$/u, ''));
    }),
  );
});

test.each([
  ['Nov 20 09:04:12 kiln app[1]: ', 'a'],
  ['Nov 20 09:04:12 ', '('],
  ['Nov 20 09:04:12 kiln ', 'a[b]'],
  ['Nov 20 09:04:12 kiln ', '(a)'],
  ['<165>1 2026-11-20T09:04:12Z h a 1 - ', '[e@1 a="1"]'],
  ['<165>1 2026-11-20T09:04:12Z h a 1 - [e@1', ' a="\\"'],
  ['<165>1 ', '- '],
  ['', '#012'],
  ['', '\0'],
  ['', '\udcff'],
  ['Nov 20 09:04:12 h p: ', 'no error '],
])('when a line is a megabyte of %s%s…, its time is in step with its length', (start, repeated) => {
  const read = (length: number) => {
    const text = start + repeated.repeat(length / repeated.length);
    const before = process.cpuUsage().user;
    const parsed = parseSyslogLine(text, { receivedAt });
    readStructuredData(parsed);
    createEntryGrouper().add(parsed);
    decodeControlEscapes(text);
    return { isWhole: rawLine(parsed) === text, cpuMs: (process.cpuUsage().user - before) / 1000 };
  };
  const { isWhole, cpuMs } = read(1_048_576);
  expect(isWhole).toBe(true);
  expect(cpuMs).toBeLessThan(3000);
});
