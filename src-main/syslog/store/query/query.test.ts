import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { decodeLogBytes } from '../../../../src-shared/model/syslog/logBytes.ts';
import type { LogQuery } from '../../../../src-shared/model/syslog/query/logQuery.ts';
import { createLineMatcher } from '../../../../src-shared/model/syslog/query/matchLine.ts';
import { severities } from '../../../../src-shared/model/syslog/syslogLine.ts';
import { parseSyslogLine } from '../../../../src-shared/model/syslog/syslogParse.ts';
import { hasBit as hasFilterBit } from '../bloom/filter.ts';
import { readColumns } from '../columns.ts';
import { createByteFolder } from '../foldBytes.ts';
import { cutLines } from '../pieces.ts';
import { createWordIndexer } from '../wordIndex.ts';
import { eachBit, rangeBitmap } from './bitmap.ts';
import { createBlockView } from './blockView.ts';
import { compileQuery } from './compiledQuery.ts';
import { createRequirements, type Required } from './required.ts';

const arrival = {
  receivedAt: Date.parse('2026-11-20T12:00:00Z'),
  zoneOffsetMinutes: 60,
  skewMs: 0,
  skewErrorMs: null,
};
const words =
  'sshd SSHD Straße ΟΔΟΣ οδος bind rebind 10.0.0.1 110.0.0.15 req-8f3a-01c2 8f3a K ſ k s ſshd error ERROR a.b [127.0.0.1]:2204 \ufffd \u{1f600} 07';
const word = fc.constantFrom(...words.split(' '));
const sources = [
  String.raw`sshd ^Nov bind$ s.*d \bbind\b \d+\.\d+ [^a]b \Dbind (?:ssh|cron)d? e* $ \s$ k S a|b o\W+e err(or)+ ß (a*)*b`,
  String.raw`Accepted ^$ [ks] ^ssh \Bind \[\d+\]:.*r sshd.*bind kiln-0\d`,
]
  .join(' ')
  .split(' ');
const separator = fc.constantFrom(' ', '', '-', '.', ':', '_', '\t', '\r', '\u2028', '–');
const message = fc.array(fc.tuple(word, separator), { maxLength: 8 }).map((parts) => parts.flat().join(''));
const line = fc.oneof(
  fc
    .record({
      pri: fc.constantFrom('', '<11>', '<38>', '<165>'),
      second: fc.nat(59),
      host: fc.constantFrom('kiln-01', 'KILN-02'),
      tag: fc.constantFrom('sshd[812]', 'CRON[7]', 'kernel', 'ke_api[99]'),
      message,
    })
    .map(
      ({ pri, second, host, tag, message: said }) =>
        `${pri}Nov 20 09:04:${String(second).padStart(2, '0')} ${host} ${tag}: ${said}`,
    ),
  message,
);
const damaged = fc
  .uint8Array({ maxLength: 8 })
  .map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 0x0a)));
const logText = fc
  .array(
    fc.tuple(
      fc.oneof({ weight: 6, arbitrary: line.map((text) => Buffer.from(text)) }, damaged),
      fc.constantFrom('\n', '\r\n'),
    ),
    { minLength: 1, maxLength: 40 },
  )
  .map((lines) => Buffer.concat(lines.flatMap(([bytes, end]) => [bytes, Buffer.from(end)])));

const order = fc.constantFrom('=', '<', '<=', '>', '>=');
const leaf: fc.Arbitrary<LogQuery> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('text', 'word'),
    text: fc
      .tuple(word, separator, word)
      .chain(([one, between, other]) =>
        fc.constantFrom(one, one + between + other, other.slice(0, 2), one.slice(1) || one),
      ),
  }),
  fc.record({
    kind: fc.constant('regexp'),
    source: fc.constantFrom(...sources),
    flags: fc.constantFrom('', 'i'),
  }),
  fc.record({
    kind: fc.constant('field'),
    field: fc.constant('severity'),
    op: order,
    value: fc.constantFrom(...severities),
  }),
  fc.record({
    kind: fc.constant('field'),
    field: fc.constant('pid'),
    op: order,
    value: fc.constantFrom(7, 99, 812),
  }),
  fc.record({
    kind: fc.constant('field'),
    field: fc.constant('time'),
    op: fc.constantFrom('<', '<=', '>', '>='),
    value: fc.nat(59).map((second) => Date.parse('2026-11-20T08:04:00Z') + second * 1000),
  }),
  fc.record({
    kind: fc.constant('field'),
    field: fc.constantFrom('program', 'host', 'facility', 'appliance'),
    op: fc.constantFrom('=', '~'),
    value: fc.constantFrom('sshd', 'SSHD', 'kiln-*', 'kiln-01', 'auth', 'local?', '*', 'cron'),
  }),
);
const { query: anyQuery } = fc.letrec<{ query: LogQuery }>((tie) => ({
  query: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    { weight: 4, arbitrary: leaf },
    fc.constant<LogQuery>({ kind: 'all' }),
    fc.record({
      kind: fc.constantFrom('and', 'or'),
      nodes: fc.array(tie('query'), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ kind: fc.constant('not'), node: tie('query') }),
  ),
}));

const names = { id: 'kiln-01' };

function viewOf(text: Buffer) {
  const ends = cutLines(text);
  const columns = readColumns({ text, ends, arrival, continues: false, sortBefore: null });
  return {
    ends,
    columns,
    view: createBlockView({ columns, readText: () => text, appliance: 'id', fold: createByteFolder() }),
  };
}

/** The lines that the reference finds. */
function expectedLines(text: Buffer, query: LogQuery): number[] {
  const matches = createLineMatcher(query);
  const ends = cutLines(text);
  return [...ends.keys()].filter((at) => {
    const end = ends[at] ?? 0;
    const content = text.subarray(ends[at - 1] ?? 0, text[end - 1] === 0x0a ? end - 1 : end);
    const parsed = parseSyslogLine(decodeLogBytes(content), arrival);
    const receivedAt = new Date(arrival.receivedAt).toISOString();
    return matches({ ...parsed, receivedAt, appliance: 'kiln-01', tenants: [], ports: [] });
  });
}

function isPossible(required: Required, filter: Uint8Array): boolean {
  if (required === null) return true;
  if ('bits' in required) return required.bits.every((bit) => hasFilterBit(filter, bit));
  return 'all' in required
    ? required.all.every((part) => isPossible(part, filter))
    : required.any.some((part) => isPossible(part, filter));
}

describe('when a block is searched', () => {
  test('finds the lines that the reference finds', () => {
    fc.assert(
      fc.property(logText, anyQuery, (text, query) => {
        const { view, columns } = viewOf(text);
        const found: number[] = [];
        eachBit(compileQuery(query, names)(view, rangeBitmap(columns.count, 0, columns.count)), (at) =>
          found.push(at),
        );
        expect(found).toEqual(expectedLines(text, query));
      }),
      { numRuns: 3000 },
    );
  });

  test('when lines are long or the text has many pieces, finds the same', () => {
    const filler = Buffer.from(`${'Nov 20 09:04:12 kiln-01 sshd[1]: x '.repeat(6000)}\n`);
    const many = Buffer.from('Nov 20 09:04:12 kiln-01 CRON[7]: (root) bind a.b rebind\n'.repeat(4000));
    fc.assert(
      fc.property(logText, leaf, (text, query) => {
        const all = Buffer.concat([text, many.subarray(0, many.length / 2), filler, text]);
        const { view, columns } = viewOf(all);
        const found: number[] = [];
        eachBit(compileQuery(query, names)(view, rangeBitmap(columns.count, 0, columns.count)), (at) =>
          found.push(at),
        );
        expect(found).toEqual(expectedLines(all, query));
      }),
      { numRuns: 40 },
    );
  });

  test('only lines of the mask are found', () => {
    fc.assert(
      fc.property(logText, anyQuery, fc.nat(40), fc.nat(40), (text, query, from, to) => {
        const { view, columns } = viewOf(text);
        const found: number[] = [];
        eachBit(compileQuery(query, names)(view, rangeBitmap(columns.count, from, to)), (at) =>
          found.push(at),
        );
        expect(found).toEqual(expectedLines(text, query).filter((at) => at >= from && at < to));
      }),
    );
  });
});

test('when a block has a hit, its filter has all that the query requires', () => {
  const key = randomBytes(8);
  const requirementsOf = createRequirements(key);
  const indexer = createWordIndexer(key);
  fc.assert(
    fc.property(logText, anyQuery, (text, query) => {
      fc.pre(expectedLines(text, query).length > 0);
      const enough = Buffer.concat([text, Buffer.from(`${'-'.repeat(99)}\n`.repeat(170))]);
      const { columns, ends } = viewOf(enough);
      const index = indexer.index({ text: enough, columns, ends: Uint32Array.from(ends) });
      if (index === null) throw new Error('no index');
      expect(isPossible(requirementsOf(query), index.filter)).toBe(true);
    }),
    { numRuns: 1000 },
  );
});
