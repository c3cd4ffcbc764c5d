import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { facilityOf, paddingBefore, programText, rawLine, severities, timeDigits } from './syslogLine.ts';
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
    expect(timeOf('Jun 20 10:00:00 h p: m', '2027-01-05T00:00:00Z')).toBe('2026-06-20T10:00:00.000Z');
    expect(timeOf('Jan 12 10:00:00 h p: m', '2027-01-05T00:00:00Z')).toBe('2026-01-12T10:00:00.000Z');
    expect(timeOf('Jan  4 10:00:00 h p: m', '2026-12-31T00:00:00Z')).toBe('2027-01-04T10:00:00.000Z');
    expect(timeOf('Jan  1 00:00:12 h p: m', '1970-01-01T00:00:12Z')).toBe('1970-01-01T00:00:12.000Z');
    expect(timeOf('Dec 31 23:59:59 h p: m', '2101-01-01T00:00:05Z')).toBe('2100-12-31T23:59:59.000Z');
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

const two = (max: number) => fc.nat(max).map((value) => String(value).padStart(2, '0'));

test('when a host starts with a capital letter, the time before it is read as before any other host', () => {
  const stamp = fc.oneof(
    fc
      .tuple(fc.constantFrom('0001', '1970', '2026', '2100'), two(13), two(32), two(24), two(60), two(61))
      .chain(([year, month, day, hour, minute, second]) =>
        fc
          .constantFrom('Z', '+00:00', '-05:30', '+14:00', '+14:01', '-00:60')
          .chain((zone) =>
            fc
              .constantFrom('', '.5', '.123456')
              .map((fraction) => `${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}${zone}`),
          ),
      ),
    fc
      .tuple(fc.constantFrom('Jan', 'Feb', 'Dec', 'Xyz'), fc.nat(32), two(24), two(60), two(61))
      .map(
        ([month, day, hour, minute, second]) =>
          `${month} ${String(day).padStart(2, ' ')} ${hour}:${minute}:${second}`,
      ),
  );
  fc.assert(
    fc.property(stamp, (text) => {
      expect(parse(`${text} kiln p: m`).time).toBe(parse(`${text} Kiln p: m`).time);
    }),
    { numRuns: 3000 },
  );
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
      min: new Date('2025-11-28T00:00:00Z'),
      max: new Date('2026-11-27T00:00:00Z'),
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

describe('when a line has the host', () => {
  const starts: [string, string][] = [
    ['RFC 3164', 'Nov 20 09:04:12'],
    ['RFC 3164 and PRI', '<38>Nov 20 09:04:12'],
    ['ISO', '2026-11-20T09:04:12+00:00'],
    ['ISO and PRI', '<38>2026-11-20T09:04:12.000Z'],
  ];
  const hosts: [string, string?][] = [
    ['2001:db8::a'],
    ['fe80::1'],
    ['fe80::1%eth0'],
    ['::1'],
    ['::ffff:192.0.2.1'],
    ['2001:db8:0:0:0:0:0:1'],
    ['[2001:db8::a]', '2001:db8::a'],
    ['192.0.2.7'],
    ['kiln-01.example.com'],
    ['relay/kiln_01'],
  ];
  test.each(
    starts.flatMap(([format, start]) =>
      hosts.map(([written, host = written]) => [format, written, start, host]),
    ),
  )('%s: %s', (_format, written, start, host) => {
    const text = `${start} ${written} named[16548]: hello`;
    expect(parse(text)).toMatchObject({
      time: '2026-11-20T09:04:12.000Z',
      host,
      program: 'named',
      pid: 16548,
      message: 'hello',
    });
    expect(rawLine(parse(text))).toBe(text);
  });

  test.each(['2001:db8::zz', '1:2:3', '[2001:db8::a', '2001:db8::a]', ':::', '1::2::3', '::1%', '12:30:00'])(
    'that is no host: %s, leaves the text alone',
    (written) => {
      expect(parse(`Nov 20 09:04:12 ${written} named[1]: hello`)).toMatchObject({
        host: null,
        program: null,
        pid: null,
        message: `${written} named[1]: hello`,
      });
    },
  );
});

test.each([
  ['sshd[7]: text', 'sshd', 7, 'text', 'sshd[7]'],
  ['systemd[1]: text', 'systemd', 1, 'text', 'systemd[1]'],
  ['kernel: [12.345678] eth0: up', 'kernel', null, '[12.345678] eth0: up', 'kernel'],
  ['name[-]: text', 'name', null, 'text', 'name[-]'],
  ['docker/web[8f3a01c2d4e5]: text', 'docker/web', null, 'text', 'docker/web[8f3a01c2d4e5]'],
  ['postfix/smtpd[99]: text', 'postfix/smtpd', 99, 'text', 'postfix/smtpd[99]'],
  ['(cron)[8]: text', '(cron)', 8, 'text', '(cron)[8]'],
  ['(cron): text', '(cron)', null, 'text', '(cron)'],
  ['name[sub][12]: text', 'name[sub]', 12, 'text', 'name[sub][12]'],
  ['sshd(pam_unix)[12]: text', 'sshd(pam_unix)', 12, 'text', 'sshd(pam_unix)[12]'],
  ['pam_unix(sudo:session): text', 'pam_unix(sudo:session)', null, 'text', 'pam_unix(sudo:session)'],
  ['getty@tty1.service: text', 'getty@tty1.service', null, 'text', 'getty@tty1.service'],
  ['%ASA-6-302013: text', '%ASA-6-302013', null, 'text', '%ASA-6-302013'],
  ['sshd[7]:text', 'sshd', 7, 'text', 'sshd[7]'],
  ['app:', 'app', null, '', 'app'],
  ['Plex Media Server[12]: text', null, null, 'Plex Media Server[12]: text', ''],
  ['last message repeated 3 times', null, null, 'last message repeated 3 times', ''],
  ['45: *Nov 20 09:04:11.1: %SYS-5-X: y', null, null, '45: *Nov 20 09:04:11.1: %SYS-5-X: y', ''],
  ['http://kiln.example/a: text', null, null, 'http://kiln.example/a: text', ''],
  ['[audit] text: more', null, null, '[audit] text: more', ''],
  ['array[12] is full: text', null, null, 'array[12] is full: text', ''],
])('when the tag is %j, reads it or leaves it alone', (rest, program, pid, message, shown) => {
  for (const start of ['Nov 20 09:04:12', '<38>2026-11-20T09:04:12Z', 'Nov 20 09:04:12 UTC']) {
    const parsed = parse(`${start} kiln ${rest}`);
    // A zone is only taken as such if a host and a tag follow it.
    if (program === null && start.endsWith('UTC')) continue;
    expect(parsed).toMatchObject({ host: 'kiln', program, pid, message });
    expect(programText(parsed)).toBe(shown);
    expect(rawLine(parsed)).toBe(`${start} kiln ${rest}`);
  }
});

test.each([
  ['Nov 5 09:04:12 h p: m', '2026-11-05T09:04:12.000Z'],
  ['Nov  5 09:04:12 h p: m', '2026-11-05T09:04:12.000Z'],
  ['Nov 05 09:04:12 h p: m', '2026-11-05T09:04:12.000Z'],
  ['Nov 5 9:04:12 h p: m', '2026-11-05T09:04:12.000Z'],
  ['Nov 05 2025 09:04:12 h p: m', '2025-11-05T09:04:12.000Z'],
  ['2025 Nov  5 09:04:12 h p: m', '2025-11-05T09:04:12.000Z'],
  ['Nov 05 09:04:12 2025 h p: m', '2025-11-05T09:04:12.000Z'],
  ['Nov 05 09:04:12.123456 h p: m', '2026-11-05T09:04:12.123Z'],
  ['Nov 05 09:04:12 UTC h p: m', '2026-11-05T09:04:12.000Z'],
  ['Nov 05 09:04:12 CET h p: m', '2026-11-05T08:04:12.000Z'],
  ['Nov 05 09:04:12 +05:30 h p: m', '2026-11-05T03:34:12.000Z'],
  ['Nov 05 09:04:12 -0500 h p: m', '2026-11-05T14:04:12.000Z'],
  ['2026-11-05 09:04:12,5+01 h p: m', '2026-11-05T08:04:12.500Z'],
  ['2026-11-05 09:04:12 +0100 h p: m', '2026-11-05T08:04:12.000Z'],
  ['2026-11-05t09:04:12z h p: m', '2026-11-05T09:04:12.000Z'],
  ['2026-11-05T09:04:12Z h p: m', '2026-11-05T09:04:12.000Z'],
])('when the time is written as in %j, reads time, host and program', (text, time) => {
  expect(parse(text)).toMatchObject({ time, host: 'h', program: 'p', message: 'm' });
  expect(rawLine(parse(text))).toBe(text);
});

test.each([
  ['*Nov 20 09:04:12.123: %SYS-5-CONFIG_I: Configured from console', '2026-11-20T09:04:12.123Z'],
  ['.Nov 20 09:04:12.123: %SYS-5-CONFIG_I: Configured from console', '2026-11-20T09:04:12.123Z'],
  ['<189>45: *Nov 20 09:04:12.123 UTC: %SYS-5-CONFIG_I: Configured from console', '2026-11-20T09:04:12.123Z'],
  ['<189>000045: Nov 20 09:04:12 CET: %SYS-5-CONFIG_I: Configured from console', '2026-11-20T08:04:12.000Z'],
  ['<166>Nov 20 2026 09:04:12: %SYS-5-CONFIG_I: Configured from console', '2026-11-20T09:04:12.000Z'],
  ['2026 Nov 20 09:04:12 UTC: %SYS-5-CONFIG_I: Configured from console', '2026-11-20T09:04:12.000Z'],
])('when a network device writes %j, reads time and program, and no host', (text, time) => {
  expect(parse(text)).toMatchObject({
    time,
    host: null,
    program: '%SYS-5-CONFIG_I',
    message: 'Configured from console',
  });
  expect(rawLine(parse(text))).toBe(text);
});

test.each([
  'Nov 20 09:04:12 IST: %SYS-5-CONFIG_I: a zone with two meanings',
  'Nov 20 09:04:12 +99:00 h p: m',
  'Nov 31 09:04:12 h p: m',
  'Nov 20 24:04:12 h p: m',
  '2026-11-20T09:04 h p: m',
  '1w2d: %SYS-5-CONFIG_I: up time',
  'Sat Nov 20 09:04:12 h p: m',
])('when the time can’t be read, leaves the line alone: %s', (text) => {
  expect(parse(text)).toMatchObject({
    time: null,
    host: null,
    program: null,
    pid: null,
    message: text,
    head: '',
  });
});

test.each([
  ['', 'Nov 20 09:04:12 kiln sshd[7]: text', null],
  ['', '<38>1 2026-11-20T09:04:12Z kiln sshd 7 - - text', 'info'],
  ['[200000 NUL bytes]', 'Nov 20 09:04:12 kiln sshd[7]: text', null],
  ['[1 NUL byte]', '<38>2026-11-20T09:04:12Z kiln sshd[7]: text', 'info'],
  ['[300 NUL bytes]', '<38>1 2026-11-20T09:04:12Z kiln sshd 7 - - text', 'info'],
])('when %j stands before a line, reads the line', (padding, line, severity) => {
  const parsed = parse(`${padding}${line}`);
  expect(parsed).toMatchObject({
    time: '2026-11-20T09:04:12.000Z',
    host: 'kiln',
    program: 'sshd',
    pid: 7,
    severity,
    message: 'text',
  });
  expect(paddingBefore(parsed)).toBe(padding);
  expect(facilityOf(parsed)).toBe(severity === null ? null : 'security (auth)');
});

test('when a line is random or nearly a line, its fields are in the line, in order, and join to it again', () => {
  const piece = fc.oneof(
    fc.constantFrom('<38>', '1 ', 'Nov 20 ', '09:04:12', ' ', ' UTC', ': ', '2026-11-20T09:04:12Z'),
    fc.constantFrom(' -0500', ' 2026', '*', '2001:db8::a', 'fe80::1%eth0', 'kiln', ' sshd', '[7]', '[-]'),
    fc.constantFrom(':', '(a:b)', '-', '[x y="z"]', '\ufeff', '\0'),
  );
  const text = fc.oneof(
    fc.array(piece).map((pieces) => pieces.join('')),
    fc.string({ unit: 'grapheme' }),
  );
  fc.assert(
    fc.property(text, (line) => {
      const parsed = parse(line);
      expect(rawLine(parsed)).toBe(line.replace(/\r$/u, ''));
      const fields = [
        parsed.host,
        parsed.program,
        parsed.pid === null ? null : /\d/u.exec(`${parsed.pid}`)?.[0],
      ];
      let at = 0;
      for (const field of fields) {
        if (field === null || field === undefined) continue;
        const found = parsed.head.indexOf(field, at);
        expect(found).toBeGreaterThanOrEqual(at);
        at = found + field.length;
      }
    }),
    { numRuns: 2000 },
  );
});

test('when a line is made to be slow to parse, parses it at once', () => {
  const start = 'Nov 20 09:04:12 kiln ';
  for (const text of ['(', '(a', 'a(', '[', 'a[', 'a[b]', ':', '1:', '::', 'a:', '%'])
    expect(rawLine(parse(`${start}${text.repeat(30_000)}`))).toHaveLength(
      start.length + 30_000 * text.length,
    );
});

test.each([
  ['<134>Nov  5 09:04:12.250 kiln sshd[7]: hello', 3],
  ['2026-11-20T09:00:00.123456+01:00 kiln sshd: hello', 3],
  ['2026-11-20T09:00:00.1Z kiln sshd: hello', 1],
  ['Nov  5 09:04:12 kiln sshd[7]: at 10:00:00.5', 0],
  ['<14>1 2026-11-20T09:00:00Z kiln sshd 7 - - \ufeffhello', 0],
  ['\ufeffNov  5 09:04:12 kiln sshd[7]: after a byte order mark', 0],
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
