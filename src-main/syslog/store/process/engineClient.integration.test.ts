import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { signalUnlessEnded } from '../../../../src-shared/node/signalUnlessEnded.ts';
import { descendantsOf, readCommandLine } from '../../../../test-support/processTree.ts';
import type { LogEngine } from './engine.ts';
import { createLogEngineClient } from './engineClient.ts';
import { forkEngine } from './forkEngine.ts';
import type { EngineChannel } from './protocol.ts';

let folder: string;
let engine: LogEngine;
let channels: EngineChannel[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-engine-'));
  channels = [];
  engine = createLogEngineClient({
    start: () => {
      const channel = forkEngine(folder);
      channels.push(channel);
      return channel;
    },
  });
});
afterEach(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

const receivedAt = Date.parse('2026-11-20T12:00:00Z');
const textOf = (from: number, to: number) =>
  Buffer.from(
    Array.from(
      { length: to - from },
      (_, at) => `Nov 20 09:04:12 kiln sshd[7]: line number ${from + at}\n`,
    ).join(''),
  );
const batchOf = (id: string, from: number, bytes: Buffer) => ({
  applianceId: 'kiln',
  source: { id, start: 0, offset: from + bytes.length, order: 1, isComplete: false },
  from,
  to: from + bytes.length,
  bytes,
  receivedAt,
  zoneOffsetMinutes: 0,
  skewMs: 0,
});
const listSources = () => engine.listSources({ applianceId: 'kiln' });

async function findAll(text: string): Promise<string[]> {
  const { id } = await engine.openSearch({ query: { kind: 'text', text } });
  const lines: string[] = [];
  for (let cursor = null; ;) {
    const page = await engine.searchPage({ id, cursor, limit: 500 });
    lines.push(...page.lines.map((line) => line.text));
    ({ cursor } = page);
    if (page.isDone) return lines;
  }
}

test('keeps and finds lines of several sources', async () => {
  const parts = Array.from({ length: 40 }, (_, at) => textOf(at * 500, at * 500 + 500));
  let from = 0;
  const appends = parts.flatMap((bytes) => {
    const batches = ['one', 'other'].map((id) => engine.append(batchOf(id, from, bytes)));
    from += bytes.length;
    return batches;
  });
  await Promise.all(appends);
  const kept = await listSources();
  expect(kept).toMatchObject([
    { facts: { id: 'one', offset: from }, line: 20_000 },
    { facts: { id: 'other', offset: from }, line: 20_000 },
  ]);
  expect(await findAll('number 19999')).toHaveLength(2);
  expect(await findAll('number 77')).toHaveLength(222);
  const { id } = await engine.openSearch({ query: { kind: 'word', text: 'sshd' } });
  let last;
  for await (const progress of engine.searchProgress({ id, bars: 5, reportMs: 10 })) last = progress;
  expect(last).toMatchObject({ hits: 40_000, scannedLines: 40_000, totalLines: 40_000, isDone: true });
  expect(last?.histogram?.counts.reduce((sum, count) => sum + count, 0)).toBe(40_000);
  const around = await engine.searchContext({ source: kept[0]?.source ?? 0, line: 10, before: 1, after: 1 });
  expect(around.map(({ text }) => text.replace(/^.*number /u, ''))).toEqual(['9', '10', '11']);
});

test('when one of several batches is wrong, it alone fails', async () => {
  const bytes = textOf(0, 3);
  const results = await Promise.allSettled([
    engine.append(batchOf('one', 0, bytes)),
    engine.append(batchOf('other', 7, bytes)),
    engine.append(batchOf('one', bytes.length, bytes)),
    engine.append({ ...batchOf('one', 0, bytes), receivedAt: 0.5 }),
  ]);
  expect(results).toMatchObject([
    { status: 'fulfilled' },
    { status: 'rejected', reason: { code: 'LOG_POSITION', detail: { offset: 0 } } },
    { status: 'fulfilled' },
    { status: 'rejected', reason: { code: 'INVALID_INPUT' } },
  ]);
  expect(await findAll('number')).toHaveLength(6);
});

test('when the process is killed, requests fail with STORE_FAILED, and it continues after a restart', async () => {
  await engine.append(batchOf('one', 0, textOf(0, 1000)));
  const { id } = await engine.openSearch({ query: { kind: 'all' } });
  const lost = engine.append(batchOf('one', textOf(0, 1000).length, textOf(1000, 2000)));
  channels[0]?.kill();
  // The process may have kept the lines before it ended.
  const failure = await lost.then(
    () => ({ code: 'STORE_FAILED', retryable: true }),
    (thrown: unknown) => thrown,
  );
  expect(failure).toMatchObject({ code: 'STORE_FAILED', retryable: true });
  await expect.poll(() => listSources().catch(() => null)).not.toBeNull();
  expect(channels).toHaveLength(2);
  const [source] = await listSources();
  const { line = 0, facts } = source ?? {};
  expect([1000, 2000]).toContain(line);
  await engine.append(batchOf('one', facts?.offset ?? 0, textOf(line, 3000)));
  expect(await findAll('number')).toHaveLength(3000);
  await expect(engine.searchPage({ id, cursor: null, limit: 1 })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});

test.each(['SIGINT', 'SIGHUP'] as const)(
  'when the terminal sends %s to all processes, the store goes on, because the console closes it',
  async (signal) => {
    await engine.append(batchOf('one', 0, textOf(0, 1000)));
    const pids = await descendantsOf(process.pid);
    const lines = await Promise.all(pids.map(readCommandLine));
    const own = pids.filter((_, index) => lines[index]?.includes(folder));
    expect(own).toHaveLength(1);
    for (const pid of own) signalUnlessEnded(pid, signal);
    await engine.append(batchOf('one', textOf(0, 1000).length, textOf(1000, 2000)));
    expect(await findAll('number')).toHaveLength(2000);
    expect(channels).toHaveLength(1);
  },
);

test('when the store can’t be opened, requests fail with its error', async () => {
  const broken = createLogEngineClient({ start: () => forkEngine('/dev/null/data') });
  await expect(broken.listSources({ applianceId: 'kiln' })).rejects.toMatchObject({ code: 'STORE_FAILED' });
  await broken.close().catch(() => undefined);
});
