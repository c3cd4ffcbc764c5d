import { expect, test } from 'vitest';
import type { SyslogLine } from '../../../src-shared/model/syslog/syslogLine.ts';
import { applianceId, observedAt } from '../../../test-support/renderer/samples.ts';
import { createLogBuffer, maxBacklog } from './buffer.ts';
import { createLogFilter } from './filter.ts';

function lines(count: number, change: Partial<SyslogLine> = {}): SyslogLine[] {
  return Array.from({ length: count }, (_, seq) => ({
    seq,
    applianceId,
    receivedAt: observedAt,
    time: observedAt,
    host: 'kiln-01',
    program: 'sshd',
    pid: 1,
    severity: 'info',
    severityFrom: 'line',
    head: '',
    message: `line ${seq}`,
    kind: 'line',
    ...change,
  }));
}

function batch(count: number, change: Partial<SyslogLine> = {}) {
  return { lines: lines(count, change), dropped: 0, linesPerSecond: count };
}

test('when the log is followed, no line is unseen and the oldest lines go at the limit', () => {
  const buffer = createLogBuffer({ limit: 10 });
  buffer.push(batch(8));
  expect(buffer.snapshot().hasOlder).toBe(false);
  buffer.push(batch(5));
  expect(buffer.snapshot()).toMatchObject({ held: 10, unseen: 0, hasOlder: true, following: true });
  expect(buffer.snapshot().rows[0]).toMatchObject({ line: { seq: 3 } });
});

test('when an appliance has sent as many lines as were requested, older lines exist', () => {
  const buffer = createLogBuffer();
  const other = '00000000-0000-4000-8000-000000000002';
  buffer.push(batch(maxBacklog - 1));
  buffer.push(batch(maxBacklog - 1, { applianceId: other }));
  expect(buffer.snapshot().hasOlder).toBe(false);
  buffer.push(batch(1));
  expect(buffer.snapshot().hasOlder).toBe(true);
  buffer.clear();
  expect(buffer.snapshot().hasOlder).toBe(false);
});

test('when the log is paused, it collects and counts new lines and drops none', () => {
  const buffer = createLogBuffer({ limit: 10 });
  buffer.push(batch(10));
  const first = buffer.snapshot().rows[0]?.key;
  buffer.pause();
  buffer.push(batch(4));
  buffer.push(batch(3));
  expect(buffer.snapshot()).toMatchObject({ unseen: 7, held: 17, hasOlder: false, following: false });
  expect(buffer.snapshot().rows[0]?.key).toBe(first);
});

test('when the log is followed again, the count restarts and the oldest lines go', () => {
  const buffer = createLogBuffer({ limit: 10 });
  buffer.push(batch(10));
  buffer.pause();
  buffer.push(batch(7));
  buffer.follow();
  expect(buffer.snapshot()).toMatchObject({ unseen: 0, held: 10, hasOlder: true, following: true });
  expect(buffer.snapshot().rows[0]?.key).toBe(7);
});

test('when a long pause fills the buffer, the reader must stop', () => {
  const buffer = createLogBuffer({ limit: 10 });
  buffer.pause();
  buffer.push(batch(9));
  expect(buffer.isFull()).toBe(false);
  buffer.push(batch(1));
  expect(buffer.isFull()).toBe(true);
  expect(buffer.snapshot().full).toBe(true);
  buffer.follow();
  expect(buffer.isFull()).toBe(false);
});

test('when lines were dropped, a gap shows before the next line', () => {
  const buffer = createLogBuffer();
  buffer.push({ ...batch(1), dropped: 3411 });
  const [gap, line] = buffer.snapshot().rows;
  expect(gap).toMatchObject({ kind: 'gap' });
  expect(gap?.kind === 'gap' ? gap.text : '').toContain('3,411 lines are missing');
  expect(line?.kind).toBe('line');
});

test('when a filter is set, only matching lines count as unseen, and gaps always show', () => {
  const buffer = createLogBuffer();
  buffer.setFilter(createLogFilter({ text: 'northwind', severity: 'all', nameOf: () => 'kiln-01' }));
  buffer.pause();
  buffer.push(batch(5));
  buffer.push(batch(2, { message: 'tenant=Northwind up' }));
  buffer.push(batch(1, { kind: 'gap', message: 'rotated' }));
  expect(buffer.snapshot()).toMatchObject({ unseen: 3, held: 8 });
  expect(buffer.snapshot().rows.map((row) => row.kind)).toEqual(['line', 'line', 'gap']);
  buffer.setFilter(null);
  expect(buffer.snapshot().rows).toHaveLength(8);
});

test('when a severity is chosen, only lines at least as severe show', () => {
  const filter = createLogFilter({ text: '', severity: 'warning', nameOf: () => '' });
  const passes = (severity: SyslogLine['severity']) =>
    lines(1, { severity }).map((line) => filter?.({ key: 1, kind: 'line', line }) ?? true);
  expect(passes('err')).toEqual([true]);
  expect(passes('warning')).toEqual([true]);
  expect(passes('notice')).toEqual([false]);
  expect(passes(null)).toEqual([false]);
});

test('when the oldest lines go, the filtered lines go with them', () => {
  const buffer = createLogBuffer({ limit: 4 });
  buffer.setFilter((row) => row.kind === 'line' && row.line.seq % 2 === 0);
  buffer.push(batch(4));
  buffer.push(batch(4));
  expect(buffer.snapshot().rows.map((row) => row.key)).toEqual([4, 6]);
});

test('when a gap is marked, it counts toward the limit like a line', () => {
  const buffer = createLogBuffer({ limit: 4 });
  buffer.push(batch(4));
  buffer.interrupt('lost');
  expect(buffer.snapshot()).toMatchObject({ held: 4, hasOlder: true });
  expect(buffer.snapshot().rows[0]?.key).toBe(1);
});

test('when the filter changes while paused, new lines are counted again by the new filter', () => {
  const buffer = createLogBuffer();
  const filterBy = (text: string) =>
    buffer.setFilter(createLogFilter({ text, severity: 'all', nameOf: () => 'kiln-01' }));
  buffer.push(batch(5, { message: 'tenant=acme before' }));
  buffer.pause();
  buffer.push(batch(24));
  buffer.push(batch(2, { message: 'tenant=acme up' }));
  expect(buffer.snapshot().unseen).toBe(26);
  filterBy('acme');
  expect(buffer.snapshot()).toMatchObject({ unseen: 2, held: 31 });
  filterBy('no such line');
  expect(buffer.snapshot().unseen).toBe(0);
  buffer.setFilter(null);
  expect(buffer.snapshot().unseen).toBe(26);
});

test('when the oldest lines go, the log reaches back less far', () => {
  const buffer = createLogBuffer({ limit: 2 });
  expect(buffer.snapshot().oldestAt).toBeNull();
  const times = ['2026-11-20T09:00:00.000Z', '2026-11-20T09:01:00.000Z', '2026-11-20T09:02:00.000Z'];
  for (const time of times.slice(0, 2)) buffer.push(batch(1, { time }));
  expect(buffer.snapshot().oldestAt).toBe(times[0]);
  buffer.push(batch(1, { time: times[2] ?? null }));
  expect(buffer.snapshot().oldestAt).toBe(times[1]);
});

test('when gaps are over, their rows disappear, also from a filter and from the count of unseen lines', () => {
  const buffer = createLogBuffer();
  const other = '00000000-0000-4000-8000-000000000002';
  const gap = (seq: number, change: Partial<SyslogLine> = {}) => ({
    ...batch(0),
    lines: lines(1, { seq, kind: 'gap', message: `gap ${seq}`, ...change }),
  });
  const texts = () => buffer.snapshot().rows.map((row) => (row.kind === 'gap' ? row.text : row.line.message));
  buffer.push(batch(1));
  buffer.push(gap(1));
  buffer.push(gap(1, { applianceId: other, message: 'gap of another' }));
  buffer.setFilter(() => true);
  buffer.pause();
  buffer.push(gap(2));
  expect(buffer.snapshot().unseen).toBe(1);
  buffer.push({
    ...batch(0),
    removed: [
      { applianceId, seq: 1 },
      { applianceId, seq: 2 },
      { applianceId, seq: 0 },
    ],
  });
  expect(texts()).toEqual(['line 0', 'gap of another']);
  expect(buffer.snapshot()).toMatchObject({ unseen: 0, held: 2 });
  buffer.setFilter(null);
  expect(texts()).toEqual(['line 0', 'gap of another']);
});
