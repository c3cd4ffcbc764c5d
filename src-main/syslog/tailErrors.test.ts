import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { watchTailErrors } from './tailErrors.ts';

let events: string[];
let isStarting: boolean;

beforeEach(() => {
  vi.useFakeTimers();
  events = [];
  isStarting = false;
});
afterEach(() => vi.useRealTimers());

const watch = () =>
  watchTailErrors({
    isStarting: () => isStarting,
    onUnreadable: (why) => events.push(`unreadable ${why}`),
    onReadable: () => events.push('readable'),
    onNotice: (text) => events.push(`notice ${text}`),
  });

function read(...lines: string[]): string[] {
  const errors = watch();
  for (const line of lines) errors.push(Buffer.from(`${line}\n`));
  return events;
}

describe('when a running tail prints', () => {
  test.each([
    "tail: cannot open '/var/log/syslog' for reading: Permission denied",
    "tail: '/var/log/syslog' has become inaccessible: Permission denied",
    "tail: '/var/log/syslog' has become inaccessible: Too many levels of symbolic links",
    "tail: error reading '/var/log/syslog': Stale file handle",
    "tail: error reading '/var/log/syslog': Input/output error",
    "tail: cannot fstat '/var/log/syslog': Stale file handle",
    "tail: '/var/log/syslog' has been replaced with an untailable file; giving up on this name",
    "tail: '/var/log/syslog' has been replaced with an untailable remote file",
    'tail: /var/log/syslog: cannot follow end of this type of file; giving up on this name',
    'tail: directory containing watched file was removed',
    'tail: no files remaining',
    "tail: can't open '/var/log/syslog': Permission denied",
  ])('%s, says at once that the log can’t be read', (line) => {
    expect(read(line)).toEqual([`unreadable ${line}`]);
  });

  test.each([
    "tail: '/var/log/syslog' has become accessible",
    "tail: '/var/log/syslog' has appeared;  following new file",
    "tail: '/var/log/syslog' has been replaced;  following new file",
    'tail: /var/log/syslog has appeared; following end of new file',
  ])('%s, says that it can be read', (line) => {
    expect(read(line)).toEqual(['readable']);
  });

  test.each([
    'sudo: unable to resolve host kiln-01: Name or service not known',
    "tail: unrecognized file system type 0x01021997 for '/var/log/syslog'. please report this to bug-coreutils@gnu.org. reverting to polling",
    'tail: inotify cannot be used, reverting to polling: Too many open files',
    'tail: inotify resources exhausted',
    'ke_syslog: something new',
  ])('%s, quotes it once', (line) => {
    expect(read(line, line)).toEqual([`notice The command that reads the log reports: ${line}`]);
  });

  test('that the log was truncated, shows a gap each time', () => {
    const line = 'tail: /var/log/syslog: file truncated';
    const gap = `notice The log was truncated. Lines may be missing here: ${line}`;
    expect(read(line, line)).toEqual([gap, gap]);
  });
});

describe('when the log is missing', () => {
  const missing = "tail: '/var/log/syslog' has become inaccessible: No such file or directory";

  test('during a rotation, says nothing', () => {
    read(missing, "tail: '/var/log/syslog' has appeared;  following new file");
    vi.advanceTimersByTime(60_000);
    expect(events).toEqual(['readable']);
  });

  test('after a rotation that took its permission away, says so at once', () => {
    const denied = "tail: '/var/log/syslog' has become inaccessible: Permission denied";
    read(missing, denied);
    vi.advanceTimersByTime(60_000);
    expect(events).toEqual([`unreadable ${denied}`]);
  });

  test('for five seconds, says so', () => {
    read(missing);
    vi.advanceTimersByTime(4_999);
    expect(events).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(events).toEqual([`unreadable ${missing}`]);
  });

  test('from the start, says so at once', () => {
    isStarting = true;
    expect(read(missing)).toEqual([`unreadable ${missing}`]);
  });
});

test('when the output arrives in random pieces, interprets the same lines', () => {
  const lines = [
    'We trust you have received the usual lecture from the local System Administrator.',
    "tail: '/var/log/syslog' has become inaccessible: Permission denied",
    "tail: '/var/log/sysl\u00f6g' has become accessible",
  ];
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  const whole = read(...lines);
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
      events = [];
      const errors = watch();
      const at = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
      for (const [index, end] of at.slice(1).entries()) errors.push(bytes.subarray(at[index], end));
      expect(events).toEqual(whole);
    }),
  );
});

test('when the output never ends, is bounded, and shows control characters', () => {
  const errors = watch();
  errors.push(Buffer.from(`tail: error reading 'x\u001b[2J': ${'y'.repeat(1_000_000)}\n`));
  for (let number = 0; number < 1000; number += 1) errors.push(Buffer.from(`sudo: notice ${number}\n`));
  errors.push(Buffer.from('sudo: the end'));
  expect(events).toHaveLength(22);
  expect(events[0]).toMatch(
    /^unreadable tail: error reading 'x\u241b\[2J': y+ \[… \d+ bytes more were cut\]$/u,
  );
  expect(events.at(-1)).toBe(
    'notice The command that reads the log prints more messages; they are not shown.',
  );
  expect(Math.max(...events.map(({ length }) => length))).toBeLessThan(700);
  expect(errors.text()).toBe('sudo: notice 997 sudo: notice 998 sudo: notice 999 sudo: the end');
});
