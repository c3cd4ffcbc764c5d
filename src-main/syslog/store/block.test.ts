import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { decodeLogBytes } from '../../../src-shared/model/syslog/logBytes.ts';
import { foldCase } from '../../../src-shared/model/syslog/query/logQuery.ts';
import { severities } from '../../../src-shared/model/syslog/syslogLine.ts';
import { parseSyslogLine } from '../../../src-shared/model/syslog/syslogParse.ts';
import { hasBit, TrigramHash, wordBits } from './bloom/filter.ts';
import { decodePackedColumns, decodeText, encodeBlock } from './block.ts';
import { codecs } from './codec.ts';
import {
  joinColumns,
  lineFlags,
  noPid,
  noSeverity,
  readColumns,
  sortTimes,
  type Columns,
} from './columns.ts';
import { hashKeyBytes, KeyedHash } from './keyedHash.ts';
import { contentEnd, cutLines, findLineEnds, maxPieceBytes } from './pieces.ts';
import { countOf, createWordIndexer, fingerprint } from './wordIndex.ts';
import { wordsOf } from './words.ts';

const key = Buffer.from('00112233445566778899aabbccddeeff', 'hex').subarray(0, hashKeyBytes);
const arrival = {
  receivedAt: Date.parse('2026-11-20T12:00:00Z'),
  zoneOffsetMinutes: 60,
  skewMs: 250,
  skewErrorMs: 620,
};

function read(text: Buffer, options: Partial<Parameters<typeof readColumns>[0]> = {}): Columns {
  return readColumns({ text, ends: cutLines(text), arrival, continues: false, sortBefore: null, ...options });
}

const lineArbitrary = fc.oneof(
  fc
    .record({
      second: fc.nat(59),
      host: fc.constantFrom('kiln-01', 'kiln-02', '2001:db8::a'),
      tag: fc.constantFrom('sshd[812]', 'CRON[99999999999]', 'kernel', 'Plex'),
      pri: fc.constantFrom('', '<0>', '<165>', '<38>'),
      rest: fc.constantFrom('Accepted', 'ERROR in Straße', 'from 10.0.0.1', '<script>', 'a\0b', ''),
    })
    .map(
      ({ second, host, tag, pri, rest }) =>
        `${pri}Nov 20 09:04:${String(second).padStart(2, '0')} ${host} ${tag}: ${rest}`,
    ),
  fc.constantFrom(
    '2100-01-01T00:00:00Z h p: later',
    '1970-01-01T00:00:00Z h p: early',
    '',
    '\tat stack',
    '0001-01-01T00:00:00Z h p: m',
  ),
  fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\n', ' ')),
);
const bytesArbitrary = fc
  .array(
    fc.oneof(
      lineArbitrary.map((line) => Buffer.from(line)),
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    ),
  )
  .map((lines) => Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')])));

describe('when bytes are cut into lines', () => {
  test('the ends are found again from the breaks alone', () => {
    const long = fc.nat({ max: 3 }).map((count) => Buffer.alloc(count * maxPieceBytes + 7, 'é'));
    const last = fc.constantFrom('', 'no newline', '\n');
    fc.assert(
      fc.property(bytesArbitrary, long, bytesArbitrary, last, (before, middle, after, end) => {
        const text = Buffer.concat([before, middle, after, Buffer.from(end)]);
        const ends = cutLines(text);
        const { breaks } = read(text);
        expect([...findLineEnds(text, ends.length, breaks)]).toEqual(ends);
        expect(ends.at(-1) ?? 0).toBe(text.length);
        let from = 0;
        for (const to of ends) {
          expect(to - from).toBeLessThanOrEqual(maxPieceBytes);
          expect(to).toBeGreaterThan(from);
          from = to;
        }
      }),
      { numRuns: 50 },
    );
  });

  test('a long line continues on lines that say so, and no character is cut', () => {
    const text = Buffer.from(`short\n${'中'.repeat(50_000)}\nend\n`);
    const { flags, breaks } = read(text);
    expect([...flags].map((flag) => (flag & lineFlags.continuation) !== 0)).toEqual([
      false,
      false,
      true,
      true,
      false,
    ]);
    expect(breaks).toHaveLength(2);
    const ends = cutLines(text);
    expect(text.toString('utf8', ends[0], ends[1])).toBe('中'.repeat(21_845));
  });
});

test('when a block is encoded, with each codec, its text and columns are read again exactly', () => {
  const indexer = createWordIndexer(key);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(bytesArbitrary, fc.nat(5000)), { minLength: 1, maxLength: 4 }),
      fc.constantFrom(...Object.values(codecs)),
      (batches, codec) => {
        const parts = batches.map(([text, later]) => ({
          columns: read(text, { arrival: { ...arrival, receivedAt: arrival.receivedAt + later } }),
          bytes: text.length,
        }));
        const text = Buffer.concat(batches.map(([bytes]) => bytes));
        const columns = joinColumns(parts);
        const block = encodeBlock({ text, columns }, indexer, codec);
        expect(decodeText(block.body).equals(text)).toBe(true);
        expect(decodePackedColumns(block.columns)).toEqual(columns);
      },
    ),
  );
});

test('when lines are read, the columns have what the parser reads', () => {
  fc.assert(
    fc.property(bytesArbitrary, (text) => {
      const columns = read(text);
      const ends = cutLines(text);
      for (const [line, end] of ends.entries()) {
        const content = decodeLogBytes(text.subarray(ends[line - 1] ?? 0, end - 1));
        const parsed = parseSyslogLine(content, arrival);
        const { severity, program, host, pid, time } = columns;
        expect({
          severity: severities[severity[line] ?? 0] ?? null,
          program: columns.programs[(program[line] ?? 0) - 1] ?? null,
          host: columns.hosts[(host[line] ?? 0) - 1] ?? null,
          pid: pid[line] === noPid ? null : pid[line],
          time: time[line],
        }).toEqual({
          severity: parsed.severity,
          program: parsed.program,
          host: parsed.host,
          pid: parsed.pid,
          time: parsed.time === null ? arrival.receivedAt : Date.parse(parsed.time) - arrival.skewMs,
        });
        expect(severity[line] === noSeverity).toBe(parsed.severity === null);
      }
    }),
  );
});

test('when times jump, the sort times keep the order and ignore the future', () => {
  const text = Buffer.from(
    [
      '2026-11-20T10:00:00Z',
      '2100-01-01T00:00:00Z',
      '1970-01-01T00:00:00Z',
      'no time',
      '2026-11-20T10:00:01Z',
    ]
      .map((start) => `${start} h p: m\n`)
      .join(''),
  );
  const at = (time: string) => Date.parse(time) - arrival.skewMs;
  const first = at('2026-11-20T10:00:00Z');
  expect([...sortTimes(read(text))]).toEqual([first, first, first, first, at('2026-11-20T10:00:01Z')]);
  expect([...read(text).time]).toEqual([
    first,
    at('2100-01-01T00:00:00Z'),
    at('1970-01-01T00:00:00Z'),
    arrival.receivedAt,
    at('2026-11-20T10:00:01Z'),
  ]);
  for (const line of ['no time\n', '1970-01-01T00:00:07Z h p: the clock is not set\n'])
    expect([...sortTimes(read(Buffer.from(line)))]).toEqual([arrival.receivedAt]);
});

describe('when a block is indexed', () => {
  /** Some 20 kB, so that the block has an index. */
  const manyLines = fc
    .array(lineArbitrary, { minLength: 20, maxLength: 60 })
    .map((lines) => Buffer.from(Array.from({ length: 12 }, () => `${lines.join('\n')}\n`).join('')))
    .filter((text) => text.length > 16 * 1024);

  test('the counts of words are exact, and the filter has each word and trigram', () => {
    const hash = new KeyedHash(key);
    const trigrams = new TrigramHash(key);
    const indexer = createWordIndexer(key);
    fc.assert(
      fc.property(manyLines, (text) => {
        const ends = Uint32Array.from(cutLines(text));
        const index = indexer.index({ text, columns: read(text), ends });
        if (index === null) throw new Error('no index');
        const lines = new Map<string, number>();
        for (const [line, end] of ends.entries()) {
          const from = ends[line - 1] ?? 0;
          const content = text.toString('utf8', from, contentEnd(text, from, end));
          for (const word of wordsOf(content).words) lines.set(word, (lines.get(word) ?? 0) + 1);
          for (const word of wordsOf(content).joined) lines.set(`joined ${word}`, 1);
          const bytes = Buffer.from(foldCase(content));
          for (let at = 0; at + 3 <= bytes.length; at += 1)
            expect(hasBit(index.filter, trigrams.bit(bytes.readUIntBE(at, 3)))).toBe(true);
        }
        for (const [word, count] of lines) {
          const bytes = Buffer.from(word.replace('joined ', ''));
          hash.hash(bytes, 0, bytes.length);
          for (const bit of wordBits(hash)) expect(hasBit(index.filter, bit)).toBe(true);
          const isCounted = !word.startsWith('joined ');
          expect(isCounted ? (countOf(index.counts, fingerprint(hash)) ?? 1) : 1).toBe(isCounted ? count : 1);
        }
      }),
      { numRuns: 20 },
    );
  });

  test('the filter excludes most words that the block lacks', () => {
    const text = Buffer.from(
      Array.from(
        { length: 1800 },
        (_, at) =>
          `Nov 20 09:04:12 kiln sshd[${at}]: request ${randomBytes(6).toString('hex')} from 10.0.${at % 256}.7 took ${at * 7} ms and was accepted\n`,
      ).join(''),
    );
    const index = createWordIndexer(key).index({
      text,
      columns: read(text),
      ends: Uint32Array.from(cutLines(text)),
    });
    if (index === null) throw new Error('no index');
    const hash = new KeyedHash(key);
    let passed = 0;
    for (let at = 0; at < 1000; at += 1) {
      const bytes = Buffer.from(`absent${at}`);
      hash.hash(bytes, 0, bytes.length);
      if (wordBits(hash).every((bit) => hasBit(index.filter, bit))) passed += 1;
    }
    expect(passed).toBeLessThan(150);
  });

  test('when it has more words than the table, it has no index', () => {
    const text = Buffer.from(
      Array.from({ length: 3000 }, (_, at) => `w${at} x${at}\n`)
        .join('')
        .repeat(2),
    );
    const block = { text, columns: read(text), ends: Uint32Array.from(cutLines(text)) };
    expect(createWordIndexer(key, { maxWords: 5999 }).index(block)).toBeNull();
    expect(createWordIndexer(key, { maxWords: 6000 }).index(block)).not.toBeNull();
  });

  test('when the filter is too full to exclude anything, it has no index', () => {
    const text = Buffer.from(
      Array.from({ length: 30_000 }, () => `${randomBytes(3).toString('hex')}\n`).join(''),
    );
    expect(
      createWordIndexer(key).index({ text, columns: read(text), ends: Uint32Array.from(cutLines(text)) }),
    ).toBeNull();
  });
});

test('rejects damaged blocks with STORE_FAILED', () => {
  const text = Buffer.from('Nov 20 09:04:12 kiln sshd[7]: hello\n'.repeat(100));
  const { body } = encodeBlock({ text, columns: read(text) }, createWordIndexer(key));
  expect(() => decodeText({ ...body, bytes: body.bytes.subarray(0, 20) })).toThrow(
    expect.objectContaining({ code: 'STORE_FAILED' }),
  );
  expect(() => decodeText({ ...body, codec: 9 })).toThrow(expect.objectContaining({ code: 'STORE_FAILED' }));
});
