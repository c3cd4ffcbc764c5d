import fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { dayMs, minuteMs } from '../../../../src-shared/base/time.ts';
import { filterBits, hasBit } from '../bloom/filter.ts';
import { filtersPerGroup, placeOfBit, readBit } from '../bloom/slices.ts';
import { openLogDatabase, openLogReader, type LogDatabase } from '../database.ts';
import { maxPieceBytes } from '../pieces.ts';
import { createBlockReader } from '../read/blockReader.ts';
import { createLogWriter, type LogWriter } from './logWriter.ts';
import { createMaintenance } from './maintenance.ts';

let folder: string;
let database: LogDatabase;
let writer: LogWriter;
const reopen = () => {
  database = openLogDatabase(folder);
  writer = createLogWriter(database);
};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-logs-'));
  reopen();
});
afterEach(() => {
  writer.close();
  rmSync(folder, { recursive: true, force: true });
});

const receivedAt = Date.parse('2026-11-20T12:00:00Z');
const factsOf = (id: string, offset: number) => ({ id, start: 0, offset, order: 1, isComplete: false });
const batchOf = (id: string, from: number, bytes: Buffer, applianceId = 'kiln') => ({
  applianceId,
  source: factsOf(id, from + bytes.length),
  from,
  to: from + bytes.length,
  bytes,
  receivedAt,
  zoneOffsetMinutes: 0,
  skewMs: 0,
});
const positionOf = (id: string, applianceId = 'kiln') => {
  const known = writer.list(applianceId).find(({ facts }) => facts.id === id);
  return { source: known?.source ?? 0, offset: known?.facts.offset ?? 0, line: known?.line ?? 0 };
};
/** Appends in batches of the usual size. */
const append = (id: string, bytes: Buffer, applianceId = 'kiln') => {
  for (let at = 0; at < bytes.length;) {
    const end = bytes.lastIndexOf(0x0a, Math.min(bytes.length, at + 256 * 1024) - 1) + 1;
    writer.append([batchOf(id, positionOf(id, applianceId).offset, bytes.subarray(at, end), applianceId)]);
    at = end;
  }
};
const complete = (id: string) => {
  const { offset } = positionOf(id);
  const batch = batchOf(id, offset, Buffer.alloc(0));
  writer.append([{ ...batch, source: { ...batch.source, isComplete: true } }]);
};

/** All kept text of a source, and its line numbers checked. */
function readKept(id: string, applianceId = 'kiln'): Buffer {
  const { source } = positionOf(id, applianceId);
  const reader = createBlockReader(database.sqlite);
  const runs = reader.readRuns(source, { from: 0, to: Number.MAX_SAFE_INTEGER });
  let line = runs[0]?.line0 ?? 0;
  for (const { line0, lines } of runs) {
    expect(line0).toBe(line);
    line += lines.columns.count;
  }
  return Buffer.concat(runs.map(({ lines }) => lines.text));
}
const numbered = (from: number, to: number) =>
  Buffer.from(
    Array.from(
      { length: to - from },
      (_, at) =>
        `2026-11-20T09:${String(Math.floor((from + at) / 60000) % 60).padStart(2, '0')}:04Z kiln sshd[${from + at}]: line number ${from + at} of many\n`,
    ).join(''),
  );
const countRows = (table: string) =>
  z.number().parse(database.sqlite.prepare(`SELECT count(*) FROM ${table}`).pluck().get());

describe('when batches of several sources are appended', () => {
  const unit = fc.oneof(
    fc.nat(60).map((length) => Buffer.from(`${'x'.repeat(length)}\n`)),
    fc.constant(Buffer.from('Nov 20 09:04:12 kiln sshd[812]: Accepted publickey for connect\n'.repeat(3000))),
    fc.constant(Buffer.from('\n'.repeat(70_000))),
    fc.constant(Buffer.from(`${'y'.repeat(maxPieceBytes * 5 + 3)}\n`)),
    fc.uint8Array().map((bytes) => Buffer.from([...bytes, 0x0a])),
    fc.constant(Buffer.from('a cut line ')),
  );
  test('each source holds exactly its bytes, also after a restart', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ path: fc.constantFrom('a', 'b', 'c'), bytes: unit, reopens: fc.boolean() }), {
          minLength: 1,
          maxLength: 25,
        }),
        fc.uuid(),
        (batches, run) => {
          const expected = new Map<string, Buffer>();
          let waiting: ReturnType<typeof batchOf>[] = [];
          for (const { path, bytes, reopens } of batches) {
            const source = `${run}/${path}`;
            const before = expected.get(path) ?? Buffer.alloc(0);
            waiting.push(batchOf(source, before.length, bytes));
            expected.set(path, Buffer.concat([before, bytes]));
            if (!reopens) continue;
            writer.append(waiting);
            waiting = [];
            writer.close();
            reopen();
          }
          writer.append(waiting);
          for (const [path, bytes] of expected) {
            const source = `${run}/${path}`;
            expect(readKept(source).equals(bytes)).toBe(true);
            expect(positionOf(source).offset).toBe(bytes.length);
          }
        },
      ),
      { numRuns: 15 },
    );
  });

  test('seals full blocks, the rest stays open, and the end seals it', () => {
    const source = 'syslog';
    for (let at = 0; at < 200; at += 1) append(source, numbered(at * 50, at * 50 + 50));
    expect(countRows('block')).toBeGreaterThan(1);
    expect(countRows('tail')).toBeGreaterThan(0);
    expect(countRows('tail')).toBeLessThanOrEqual(65);
    complete(source);
    expect(countRows('tail')).toBe(0);
    expect(readKept(source).equals(numbered(0, 10_000))).toBe(true);
  });
});

test('rejects a batch that does not continue with LOG_POSITION, and keeps nothing of it', () => {
  const source = 'syslog';
  append(source, numbered(0, 5));
  const { offset } = positionOf(source);
  for (const from of [0, offset - 1, offset + 1])
    expect(() => writer.append([batchOf(source, from, numbered(5, 6))])).toThrow(
      expect.objectContaining({ code: 'LOG_POSITION', detail: { source: 1, offset } }),
    );
  expect(readKept(source).equals(numbered(0, 5))).toBe(true);
});

test('when lines are lost, keeps the gap with the state of its source', () => {
  append('syslog', numbered(0, 3));
  const { offset, source } = positionOf('syslog');
  const gap = {
    applianceId: 'kiln',
    id: 'syslog:deleted',
    sourceId: 'syslog',
    order: 1,
    fromByte: offset,
    toByte: null,
    reason: 'deleted',
  };
  writer.addGap({ gap, source: { ...factsOf('syslog', offset), isComplete: true } });
  writer.addGap({ gap: { ...gap, reason: 'truncated' }, source: null });
  expect(database.sqlite.prepare('SELECT * FROM gap').all()).toEqual([
    {
      appliance: 'kiln',
      name: 'syslog:deleted',
      src: source,
      rank: 1,
      line: 3,
      gap: JSON.stringify({ ...gap, reason: 'truncated' }),
    },
  ]);
  expect(writer.list('kiln')[0]?.facts.isComplete).toBe(true);
  expect(countRows('tail')).toBe(0);
});

test('keeps what the follower knows of a source, with the lines in one transaction', () => {
  const facts = { ...factsOf('a', 0), head: 'aGVhZA==', anchor: '' };
  writer.append([{ ...batchOf('a', 0, Buffer.alloc(0)), source: facts }]);
  expect(writer.list('kiln')).toEqual([{ source: 1, facts, line: 0, firstKeptLine: 0 }]);
  const bytes = numbered(0, 2);
  const next = { ...facts, offset: bytes.length, anchor: 'bWFueQo=' };
  writer.append([{ ...batchOf('a', 0, bytes), source: next }]);
  expect(writer.list('kiln')).toEqual([{ source: 1, facts: next, line: 2, firstKeptLine: 0 }]);
  // A source whose reading began in the middle of its file.
  const later = { ...factsOf('b', 5000 + bytes.length), start: 5000, order: 0.5 };
  writer.append([{ ...batchOf('b', 5000, bytes), source: later }]);
  expect(writer.list('kiln').map(({ facts: { id, offset } }) => [id, offset])).toEqual([
    ['b', 5000 + bytes.length],
    ['a', bytes.length],
  ]);
});

test('when the disk is full, an append fails with LOG_STORE_FULL, nothing is damaged, and it continues later', () => {
  const source = 'syslog';
  append(source, numbered(0, 1000));
  database.sqlite.pragma(
    `max_page_count = ${z.number().parse(database.sqlite.pragma('page_count', { simple: true })) + 40}`,
  );
  let next = 1000;
  expect(() => {
    for (; next < 400_000; next += 500) append(source, numbered(next, next + 500));
  }).toThrow(expect.objectContaining({ code: 'LOG_STORE_FULL', retryable: true }));
  const { offset, line } = positionOf(source);
  expect(offset).toBe(numbered(0, line).length);
  expect(readKept(source).equals(numbered(0, line))).toBe(true);
  expect(() => append(source, numbered(line, line + 20_000))).toThrow(
    expect.objectContaining({ code: 'LOG_STORE_FULL' }),
  );
  database.sqlite.pragma('max_page_count = 1000000');
  const { line: now } = positionOf(source);
  append(source, numbered(now, now + 20_000));
  expect(readKept(source).equals(numbered(0, now + 20_000))).toBe(true);
  expect(database.sqlite.pragma('quick_check', { simple: true })).toBe('ok');
});

const maintain = (limits: { maxBytes?: number; maxAgeMs?: number } = {}, now = receivedAt) => {
  const { step } = createMaintenance(database);
  let steps = 0;
  while (step(() => ({ maxBytes: 1e12, maxAgeMs: 1e12, ...limits }), now)) steps += 1;
  return steps;
};
const keptBytes = (appliance: string) =>
  z
    .number()
    .parse(
      database.sqlite.prepare('SELECT sum(kept_bytes) FROM block WHERE appliance = ?').pluck().get(appliance),
    );

describe('when the store is maintained', () => {
  test('turns the filters of 64 blocks, each bit at its place', () => {
    // An index needs 16 kB. A complete source is sealed.
    for (let at = 0; at < filtersPerGroup + 2; at += 1) {
      append(`${at}`, numbered(at * 300, at * 300 + 300));
      complete(`${at}`);
    }
    const reader = createBlockReader(database.sqlite);
    const filters = Array.from({ length: filtersPerGroup }, (_, at) => reader.filter(at));
    expect(maintain()).toBeGreaterThan(4);
    expect(countRows('filter')).toBe(2);
    for (let bit = 0; bit < filterBits; bit += 1) {
      const { row, at } = placeOfBit(0, bit);
      const [low, high] = readBit(reader.slice(row) ?? Buffer.alloc(1024), at);
      for (const [place, filter] of filters.entries()) {
        const turned = ((place < 32 ? low >>> place : high >>> (place - 32)) & 1) === 1;
        if (filter === null || turned !== hasBit(filter, bit))
          throw new Error(`bit ${bit} of filter ${place}`);
      }
    }
  });

  test('removes the oldest lines beyond the size, of each appliance alone', () => {
    const [big, small] = ['big', 'small'];
    append(big, numbered(0, 60_000), 'one');
    append(small, numbered(0, 6000), 'other');
    const maxBytes = keptBytes('one') / 2;
    maintain({ maxBytes });
    expect(keptBytes('one')).toBeLessThanOrEqual(maxBytes);
    expect(keptBytes('one')).toBeGreaterThan(maxBytes / 2);
    expect(readKept(small, 'other').equals(numbered(0, 6000))).toBe(true);
    const first = writer.list('one')[0]?.firstKeptLine ?? 0;
    expect(first).toBeGreaterThan(0);
    expect(readKept(big, 'one').equals(numbered(first, 60_000))).toBe(true);
    append(big, numbered(60_000, 61_000), 'one');
    expect(readKept(big, 'one').equals(numbered(first, 61_000))).toBe(true);
  });

  test('removes lines by age, with their filters, slices and gaps', () => {
    for (let at = 0; at < filtersPerGroup + 1; at += 1) {
      append(`${at}`, numbered(at * 300, at * 300 + 300));
      complete(`${at}`);
    }
    maintain();
    expect(countRows('slice')).toBeGreaterThan(0);
    maintain({ maxAgeMs: dayMs }, receivedAt + 2 * dayMs - 4 * 60 * minuteMs);
    for (const table of ['block', 'body', 'cols', 'word_count', 'filter', 'slice'])
      expect([table, countRows(table)]).toEqual([table, 0]);
    expect(countRows('gap')).toBe(0);
  });
});

test('when lines were written before the clock was set, their age is that of their arrival', () => {
  const lines = Array.from({ length: 9000 }, (_, at) => `1970-01-01T00:00:07Z kiln kernel: number ${at}\n`);
  append('boot', Buffer.from(lines.join('')));
  complete('boot');
  maintain({ maxAgeMs: 90 * dayMs }, receivedAt + 89 * dayMs);
  expect(readKept('boot').toString()).toBe(lines.join(''));
  maintain({ maxAgeMs: 90 * dayMs }, receivedAt + 91 * dayMs);
  expect(countRows('block')).toBe(0);
});

test('a reader beside the writer can’t write', () => {
  const { sqlite, hashKey } = openLogReader(folder);
  expect(hashKey.equals(database.hashKey)).toBe(true);
  expect(() => sqlite.exec('DELETE FROM store')).toThrow(/readonly/u);
  sqlite.close();
});
