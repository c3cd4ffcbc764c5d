import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPatternCounter, findRuns, maxPatterns, readRepeated } from './foldRepeats.ts';
import { maskMessage } from './maskMessage.ts';

test.each([
  [
    'Accepted publickey for connect from 10.4.0.7 port 52144 ssh2: ED25519 SHA256:' + 'a'.repeat(43),
    'Accepted publickey for connect from ‹ip› port ‹n› ssh2: ED25519 ‹key›',
  ],
  ['error: bind [127.0.0.1]:2204: Address already in use', 'error: bind [‹ip›]:‹n›: Address already in use'],
  [
    'northwind/cmis 127.0.0.1:2204 cmis: 200, 784,120 bytes in 0.31 s',
    'northwind/cmis ‹ip›:‹n› cmis: ‹n›, ‹n› bytes in ‹n› s',
  ],
  ['job 258146 webhooks.send done in 24ms', 'job ‹n› webhooks.send done in ‹n›ms'],
  ['from fe80::1%eth0 and 2001:db8::a and ::1', 'from ‹ip› and ‹ip› and ‹ip›'],
  ['eth0: link up, ssh2, sda1, utf8', 'eth0: link up, ssh2, sda1, utf8'],
  ['id 0f3c9d0e-1111-4222-8333-123456789abc ptr 0x7ffe12 commit 9f2ce1a7', 'id ‹id› ptr ‹hex› commit ‹hex›'],
  ['at 2026-11-20T03:09:55.371+00:00 or 03:09:55', 'at ‹time› or ‹time›'],
  ['mac 52:54:00:12:34:56 token Ab3dEf6hIj9kLm2n', 'mac ‹mac› token ‹id›'],
  ['v1.2.3, [preauth] deadbeef decade facade', 'v1.2.3, [preauth] deadbeef decade facade'],
  ['Gerät 7: größe 12', 'Gerät ‹n›: größe ‹n›'],
  ['a::b::c 1:2:3', 'a::b::c ‹n›:‹n›:‹n›'],
])('when the message is %s, its pattern is %s', (message, pattern) => {
  expect(maskMessage(message)).toBe(pattern);
});

const text = (n: string, v4: string, v6: string) => `took ${n} ms from ${v4} port ${n} via [${v6}]:${n}`;

test('when messages differ only in numbers, they have the same pattern', () => {
  const number = fc.nat().map(String);
  fc.assert(
    fc.property(
      number,
      number,
      fc.ipV4(),
      fc.ipV4(),
      fc.ipV6(),
      fc.ipV6(),
      (a, b, ip, other, six, another) => {
        fc.pre(six.includes(':') && another.includes(':'));
        expect(maskMessage(text(a, ip, six))).toBe(maskMessage(text(b, other, another)));
      },
    ),
  );
});

test.each(['1', '1.', '1,', 'a1', 'f:', ':', '0x', '-', '1:', 'SHA256:', '2026-11-20T'])(
  'when a message is long and made of %s, its pattern is bounded and found at once',
  (part) => {
    const before = process.cpuUsage().user;
    expect(maskMessage(part.repeat(65_536)).length).toBeLessThan(4096);
    expect(process.cpuUsage().user - before).toBeLessThan(500_000);
  },
);

const line = (message: string, program = 'app') => ({ program, severity: null, message });

describe('when lines are folded', () => {
  test('runs of three and more lines of one kind are found', () => {
    const lines = [
      line('start'),
      line('took 1 ms'),
      line('took 2 ms'),
      line('took 3 ms'),
      line('took 4 ms', 'other'),
      line('took 5 ms', 'other'),
      line('message repeated 5 times: [ took 7 ms]', 'third'),
      line('took 9 ms', 'third'),
      line('took 9 ms', 'third'),
    ];
    expect(findRuns(lines)).toEqual([
      { from: 1, to: 3, count: 3, pattern: 'took ‹n› ms' },
      { from: 6, to: 8, count: 7, pattern: 'took ‹n› ms' },
    ]);
  });

  test('runs never overlap, and every line in a run has its pattern', () => {
    const message = fc.constantFrom('a 1', 'a 2', 'b 1', 'b x');
    fc.assert(
      fc.property(
        fc.array(
          message.map((text) => line(text)),
          { maxLength: 30 },
        ),
        (lines) => {
          const runs = findRuns(lines);
          let last = -1;
          for (const { from, to, count, pattern } of runs) {
            expect(from).toBeGreaterThan(last);
            expect(count).toBe(to - from + 1);
            expect(
              lines.slice(from, to + 1).every(({ message: text }) => maskMessage(text) === pattern),
            ).toBe(true);
            last = to;
          }
        },
      ),
    );
  });
});

describe('when lines are counted by pattern', () => {
  test('the most frequent come first', () => {
    const counter = createPatternCounter();
    ['b 1', 'a 1', 'a 2'].forEach((text, index) => counter.add(line(text), index));
    expect(counter.list()).toEqual({
      patterns: [
        { program: 'app', severity: null, pattern: 'a ‹n›', count: 2, firstLine: 1, lastLine: 2 },
        { program: 'app', severity: null, pattern: 'b ‹n›', count: 1, firstLine: 0, lastLine: 0 },
      ],
      others: 0,
    });
  });

  test('the number of patterns is bounded, and no line is uncounted', () => {
    const counter = createPatternCounter();
    for (let index = 0; index < 3 * maxPatterns; index += 1) {
      counter.add(line(`kind ${'x'.repeat(index % 50)}y${String.fromCharCode(0x4e00 + index)}`), index);
      counter.add(line('frequent 1'), index);
    }
    const { patterns, others } = counter.list();
    expect(patterns).toHaveLength(maxPatterns);
    expect(patterns[0]).toMatchObject({ pattern: 'frequent ‹n›', count: 3 * maxPatterns });
    expect(others + patterns.reduce((sum, { count }) => sum + count, 0)).toBe(6 * maxPatterns);
  });
});

test('when rsyslog folded repeats, their number is read', () => {
  expect(readRepeated('message repeated 3 times: [ Failed password]')).toEqual({
    times: 3,
    message: 'Failed password',
  });
  expect(readRepeated('message repeated 3 times')).toEqual({ times: 1, message: 'message repeated 3 times' });
});
