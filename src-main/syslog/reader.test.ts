import { expect, test } from 'vitest';
import type { LogTrouble, SyslogBatch } from '../../src-shared/contract/syslog.ts';
import type { SyslogLine } from '../../src-shared/model/syslog/syslogLine.ts';
import { maxBatchesAhead, batchLines, createLogReader, maxQueuedBytes, maxQueuedLines } from './reader.ts';

const lines = (from: number, count: number): SyslogLine[] =>
  Array.from({ length: count }, (_, index) => ({
    seq: from + index,
    applianceId: '9b2f1a38-6f4e-4f0e-9c39-0d6a8d7a7d10',
    receivedAt: '2026-11-20T12:00:00.000Z',
    time: null,
    host: null,
    program: null,
    pid: null,
    severity: null,
    severityFrom: null,
    head: '',
    message: 'm',
    kind: 'line',
  }));

function start() {
  const unreadable: LogTrouble[] = [];
  const reader = createLogReader({ linesPerSecond: () => 0, unreadable: () => [...unreadable] });
  const controller = new AbortController();
  const batches = reader.batches(controller.signal);
  const next = async (): Promise<SyslogBatch> => {
    const { value } = await batches.next();
    if (value === undefined) throw new Error('the stream ended');
    return value;
  };
  return { reader, controller, batches, next, unreadable };
}

function isPending(promise: Promise<unknown>): Promise<boolean> {
  const turn = new Promise<boolean>((resolve) => {
    setImmediate(resolve, true);
  });
  return Promise.race([promise.then(() => false), turn]);
}

test('sends the first batch at once, also without lines', async () => {
  const { reader, next } = start();
  expect(await next()).toMatchObject({ streamId: reader.streamId, batch: 0, lines: [], dropped: 0 });
});

test('when a log becomes unreadable, sends a batch without lines', async () => {
  const { reader, next, unreadable } = start();
  expect((await next()).unreadable).toEqual([]);
  const waiting = next();
  expect(await isPending(waiting)).toBe(true);
  const trouble = {
    applianceId: '9b2f1a38-6f4e-4f0e-9c39-0d6a8d7a7d10',
    reason: 'The log can’t be read.',
    since: '2026-11-20T12:00:00.000Z',
  };
  unreadable.push(trouble);
  reader.sendBatchNow();
  expect(await waiting).toMatchObject({ lines: [], unreadable: [trouble] });
  expect(await isPending(next())).toBe(true);
});

test('sends lines that arrive together in one batch, in order, at most 500', async () => {
  const { reader, next } = start();
  await next();
  reader.push(lines(0, 10));
  reader.push(lines(10, 5));
  expect((await next()).lines.map((line) => line.seq)).toEqual(lines(0, 15).map((line) => line.seq));
  reader.push(lines(15, batchLines + 1));
  expect((await next()).lines).toHaveLength(batchLines);
  expect((await next()).lines).toHaveLength(1);
});

test('sends at most eight batches more than acknowledged, then continues', async () => {
  const { reader, next } = start();
  reader.push(lines(0, batchLines * (maxBatchesAhead + 2)));
  let last = -1;
  for (let count = 0; count < maxBatchesAhead; count += 1) last = (await next()).batch;
  expect(last).toBe(maxBatchesAhead - 1);
  const waiting = next();
  expect(await isPending(waiting)).toBe(true);
  reader.ack(0);
  expect((await waiting).batch).toBe(maxBatchesAhead);
});

test('ignores an acknowledgement of a batch that was never sent', async () => {
  const { reader, next } = start();
  reader.push(lines(0, batchLines * 40));
  reader.ack(1_000_000);
  for (let count = 0; count < maxBatchesAhead; count += 1) await next();
  expect(await isPending(next())).toBe(true);
});

test('when a reader takes nothing, limits memory and counts the dropped lines', async () => {
  const { reader, next } = start();
  await next();
  reader.push(lines(0, maxQueuedLines));
  reader.push(lines(maxQueuedLines, 700));
  const batch = await next();
  expect(batch.dropped).toBe(700);
  expect(batch.lines[0]?.seq).toBe(700);
  expect((await next()).dropped).toBe(0);
});

test('when lines are long, limits memory', async () => {
  const { reader, next } = start();
  await next();
  const long = lines(0, 300).map((line) => ({ ...line, message: 'x'.repeat(64 * 1024) }));
  reader.push(long);
  const batch = await next();
  const fit = maxQueuedBytes / (2 * 64 * 1024);
  expect([batch.lines.length, batch.dropped]).toEqual([fit, 300 - fit]);
});

test('accepts any number of old lines, and counts none as dropped', async () => {
  const { reader, next } = start();
  reader.pushHistory(lines(0, 300_000));
  const batch = await next();
  expect(batch.dropped).toBe(0);
  expect(batch.lines[0]?.seq).toBe(300_000 - maxQueuedLines);
});

test('ends with its signal, also while it waits', async () => {
  const { controller, batches, next } = start();
  await next();
  const end = batches.next();
  controller.abort();
  expect((await end).done).toBe(true);
});

test('when gaps are over, rows that wait are not sent, and those that were sent are named once', async () => {
  const { reader, next } = start();
  const [line] = lines(0, 1);
  const applianceId = line?.applianceId ?? '';
  await next();
  reader.push(lines(0, 3));
  expect((await next()).lines).toHaveLength(3);
  reader.push(lines(3, 3));
  reader.remove(applianceId, [1, 4]);
  const batch = await next();
  expect(batch.lines.map(({ seq }) => seq)).toEqual([3, 5]);
  expect(batch.removed).toEqual([{ applianceId, seq: 1 }]);
  reader.remove(applianceId, [5]);
  const last = await next();
  expect([last.lines, last.removed]).toEqual([[], [{ applianceId, seq: 5 }]]);
  expect(await isPending(next())).toBe(true);
});
