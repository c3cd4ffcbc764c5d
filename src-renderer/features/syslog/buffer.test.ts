import { expect, test } from 'vitest';
import type { SyslogLine } from '../../../src-shared/model/syslog/syslogLine.ts';
import { applianceId, observedAt } from '../../../test-support/renderer/samples.ts';
import { createLogBuffer } from './buffer.ts';
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

test('while following, nothing is unseen and the oldest lines go at the limit', () => {
  const buffer = createLogBuffer({ limit: 10 });
  buffer.push(batch(8));
  buffer.push(batch(5));
  const { held, unseen, trimmed, following } = buffer.snapshot();
  expect({ held, unseen, trimmed, following }).toEqual({ held: 10, unseen: 0, trimmed: 3, following: true });
});

test('when paused, keeps collecting and counting, and drops no line that is being read', () => {
  const buffer = createLogBuffer({ limit: 10 });
  buffer.push(batch(10));
  const first = buffer.snapshot().rows[0]?.key;
  buffer.pause();
  buffer.push(batch(4));
  buffer.push(batch(3));
  expect(buffer.snapshot()).toMatchObject({ unseen: 7, held: 17, trimmed: 0, following: false });
  expect(buffer.snapshot().rows[0]?.key).toBe(first);
});

test('following again counts from nothing and trims', () => {
  const buffer = createLogBuffer({ limit: 10 });
  buffer.push(batch(10));
  buffer.pause();
  buffer.push(batch(7));
  buffer.follow();
  expect(buffer.snapshot()).toMatchObject({ unseen: 0, held: 10, trimmed: 7, following: true });
});

test('a long pause fills up and asks the reader to stop taking', () => {
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

test('lines that were dropped on the way are a visible gap before those that came', () => {
  const buffer = createLogBuffer();
  buffer.push({ ...batch(1), dropped: 3411 });
  const [gap, line] = buffer.snapshot().rows;
  expect(gap).toMatchObject({ kind: 'gap' });
  expect(gap?.kind === 'gap' ? gap.text : '').toContain('3,411 lines are missing');
  expect(line?.kind).toBe('line');
});

test('only what the filter leaves counts as unseen; gaps always show', () => {
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

test('the severity filter leaves what is at least as urgent', () => {
  const filter = createLogFilter({ text: '', severity: 'warning', nameOf: () => '' });
  const passes = (severity: SyslogLine['severity']) =>
    lines(1, { severity }).map((line) => filter?.({ key: 1, kind: 'line', line }) ?? true);
  expect(passes('err')).toEqual([true]);
  expect(passes('warning')).toEqual([true]);
  expect(passes('notice')).toEqual([false]);
  expect(passes(null)).toEqual([false]);
});

test('trimming keeps the filtered view in step', () => {
  const buffer = createLogBuffer({ limit: 4 });
  buffer.setFilter((row) => row.kind === 'line' && row.line.seq % 2 === 0);
  buffer.push(batch(4));
  buffer.push(batch(4));
  expect(buffer.snapshot().rows.map((row) => row.key)).toEqual([4, 6]);
});

test('a mark counts for the limit as a line does', () => {
  const buffer = createLogBuffer({ limit: 4 });
  buffer.push(batch(4));
  buffer.interrupt('lost');
  expect(buffer.snapshot()).toMatchObject({ held: 4, trimmed: 1 });
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
