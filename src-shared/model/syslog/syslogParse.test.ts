import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { facilityOf, rawLine, severities, timeDigits } from './syslogLine.ts';
import { parseSyslogLine } from './syslogParse.ts';

const receivedAt = Date.parse('2026-11-20T12:00:00.000Z');
const parse = (text: string) => parseSyslogLine(text, { receivedAt });

function timeOf(text: string, now: string): string | null {
  return parseSyslogLine(text, { receivedAt: Date.parse(now) }).time;
}

describe('when a line has the format', () => {
  test('RFC 3164 with PRI, program and pid', () => {
    expect(parse('<38>Nov  5 09:04:12 kiln-01 sshd[4711]: Accepted publickey for connect')).toEqual({
      time: '2026-11-05T09:04:12.000Z',
      host: 'kiln-01',
      program: 'sshd',
      pid: 4711,
      severity: 'info',
      severityFrom: 'line',
      head: '<38>Nov  5 09:04:12 kiln-01 sshd[4711]: ',
      message: 'Accepted publickey for connect',
    });
  });

  test('RFC 3164 as rsyslog writes it to a file, without PRI', () => {
    expect(parse('Nov 20 09:04:12 kiln kernel: eth0: link up')).toMatchObject({
      host: 'kiln',
      program: 'kernel',
      pid: null,
      severity: null,
      severityFrom: null,
      message: 'eth0: link up',
    });
  });

  test('when a line of December is read in January, it is from last year, and vice versa', () => {
    expect(timeOf('Dec 31 23:59:59 h p: m', '2027-01-01T00:00:05Z')).toBe('2026-12-31T23:59:59.000Z');
    expect(timeOf('Jan  1 00:00:01 h p: m', '2026-12-31T23:59:58Z')).toBe('2027-01-01T00:00:01.000Z');
    expect(timeOf('Feb 29 10:00:00 h p: m', '2026-03-01T00:00:00Z')).toBeNull();
    expect(timeOf('Feb 29 10:00:00 h p: m', '2028-03-01T00:00:00Z')).toBe('2028-02-29T10:00:00.000Z');
  });

  test('RFC 5424 with structured data', () => {
    expect(
      parse(
        '<165>1 2026-11-20T09:04:12.003456+02:00 kiln evntslog 812 ID47 [ex@1 a="x\\]\\"y"][b@2] \ufeffhello',
      ),
    ).toEqual({
      time: '2026-11-20T07:04:12.003Z',
      host: 'kiln',
      program: 'evntslog',
      pid: 812,
      severity: 'notice',
      severityFrom: 'line',
      head: '<165>1 2026-11-20T09:04:12.003456+02:00 kiln evntslog 812 ID47 ',
      message: '[ex@1 a="x\\]\\"y"][b@2] \ufeffhello',
    });
  });

  test('RFC 5424 with all fields absent', () => {
    expect(parse('<0>1 - - - - - - boom')).toMatchObject({
      time: null,
      host: null,
      program: null,
      pid: null,
      severity: 'emerg',
      message: 'boom',
    });
  });

  test('ISO time, as Debian 12 writes it', () => {
    expect(parse('2026-11-20T09:04:12.123456+00:00 kiln CRON[99]: (root) CMD (true)')).toMatchObject({
      time: '2026-11-20T09:04:12.123Z',
      host: 'kiln',
      program: 'CRON',
      pid: 99,
      message: '(root) CMD (true)',
    });
  });

  test.each([
    'no time at all',
    '',
    'Nov 99 99:99:99 h p: m',
    'Xyz 12 10:00:00 h p: m',
    '2026-13-45T99:00:00Z h p: m',
  ])('of no known kind, keeps the whole line: %j', (text) => {
    expect(parse(text)).toMatchObject({ time: null, host: null, program: null, message: text });
  });

  test('with a PRI above 191, takes it as text', () => {
    expect(parse('<192>what is this')).toMatchObject({ severityFrom: null, message: '<192>what is this' });
  });
});

describe('when the severity is guessed from the words', () => {
  test.each([
    ['error: kex_exchange_identification', 'err'],
    ['Connection timed out', 'warning'],
    ['Kernel panic - not syncing', 'emerg'],
    ['done, 0 errors', null],
    ['Accepted publickey', null],
    ['terrorist', null],
  ])('%s', (message, severity) => {
    expect(parse(`Nov 20 09:04:12 kiln p: ${message}`)).toMatchObject({
      severity,
      severityFrom: severity === null ? null : 'words',
    });
  });

  test('when the line has a severity, keeps that', () => {
    expect(parse('<14>Nov 20 09:04:12 kiln p: error')).toMatchObject({
      severity: 'info',
      severityFrom: 'line',
    });
  });
});

describe('when the text is random', () => {
  const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,15}$/u);
  const message = fc.string({ unit: 'grapheme' }).filter((text) => !/[\r\n]/u.test(text));

  test('never throws and loses no text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' })), (text) => {
        const read = parse(text);
        expect(text.replace(/\r$/u, '').endsWith(read.message)).toBe(true);
        expect(read.severity === null).toBe(read.severityFrom === null);
      }),
    );
  });

  test('when a line is composed, reads its parts again in each format', () => {
    const instant = fc.date({
      min: new Date('2026-06-01T00:00:00Z'),
      max: new Date('2027-05-01T00:00:00Z'),
      noInvalidDate: true,
    });
    const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
    fc.assert(
      fc.property(
        fc.record({
          instant,
          host: word,
          program: word,
          pid: fc.nat({ max: 4_194_304 }),
          message,
          pri: fc.nat(191),
        }),
        ({ instant: date, host, program, pid, message: said, pri }) => {
          const iso = date.toISOString();
          const day = String(date.getUTCDate()).padStart(2, ' ');
          const bsd = `${months[date.getUTCMonth()] ?? ''} ${day} ${iso.slice(11, 19)}`;
          const expected = { host, program, pid, message: said };
          const severity = severities[pri % 8];
          expect(parse(`<${pri}>${bsd} ${host} ${program}[${pid}]: ${said}`)).toMatchObject({
            ...expected,
            severity,
            time: `${iso.slice(0, 19)}.000Z`,
          });
          expect(parse(`<${pri}>${iso} ${host} ${program}[${pid}]: ${said}`)).toMatchObject({
            ...expected,
            severity,
            time: iso,
          });
          expect(parse(`<${pri}>1 ${iso} ${host} ${program} ${pid} - - ${said}`)).toMatchObject({
            ...expected,
            message: said.replace(/^\ufeff/u, ''),
            severity,
            time: iso,
          });
        },
      ),
    );
  });
});

test.each([
  ['<134>Nov  5 09:04:12.250 kiln sshd[7]: hello', 3],
  ['2026-11-20T09:00:00.123456+01:00 kiln sshd: hello', 3],
  ['2026-11-20T09:00:00.1Z kiln sshd: hello', 1],
  ['Nov  5 09:04:12 kiln sshd[7]: at 10:00:00.5', 0],
  ['<14>1 2026-11-20T09:00:00Z kiln sshd 7 - - \ufeffhello', 0],
  ['a line without a known format', 3],
])('when %j is read, it can be composed again and shows %i digits of a second', (text, digits) => {
  const parsed = parseSyslogLine(text, { receivedAt: Date.UTC(2026, 10, 20) });
  expect(rawLine(parsed)).toBe(text);
  expect(timeDigits(parsed)).toBe(digits);
});

test.each([
  ['<34>1 2026-11-20T09:30:00Z kiln-01 su - - - text', 'security (auth)'],
  ['<190>Nov 20 09:30:00 kiln-01 app: text', 'local7'],
  ['Nov 20 09:30:00 kiln-01 app: text', null],
  ['<999>Nov 20 09:30:00 kiln-01 app: text', null],
])('when a line is "%s", its facility is %s', (line, facility) => {
  expect(facilityOf(parseSyslogLine(line, { receivedAt: Date.parse('2026-11-20T09:30:00Z') }))).toBe(
    facility,
  );
});
