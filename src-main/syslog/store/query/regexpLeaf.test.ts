import fc from 'fast-check';
import { RE2JS } from 're2js';
import { expect, test } from 'vitest';
import { decodeLogBytes } from '../../../../src-shared/model/syslog/logBytes.ts';
import { findRegexpFault } from '../../../../src-shared/model/syslog/query/linearRegexp.ts';
import { emptyColumns, lineFlags } from '../columns.ts';
import { createByteFolder } from '../foldBytes.ts';
import { contentEnd, cutLines, findLineEnds } from '../pieces.ts';
import { emptyBitmap, hasBit, rangeBitmap, setBit } from './bitmap.ts';
import { createBlockView } from './blockView.ts';
import { createRegexpLeaf } from './regexpLeaf.ts';

const plain = fc.constantFrom(
  'a',
  'b',
  'ab',
  'abc',
  'Abc',
  'k',
  's',
  ' ',
  '1',
  '12',
  'é',
  'ſ',
  String.raw`\.`,
);
const { source } = fc.letrec<{ source: string; atom: string }>((tie) => ({
  atom: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    { weight: 4, arbitrary: plain },
    fc.constantFrom('.', String.raw`\d`, String.raw`\D`, String.raw`\w`, String.raw`\W`, String.raw`\s`),
    fc.constantFrom('[ab]', '[^ab]', '[a-c1]', String.raw`[\d.]`, '^', '$', String.raw`\b`, String.raw`\B`),
    fc.tuple(fc.constantFrom('(', '(?:'), tie('source')).map(([open, inner]) => `${open}${inner})`),
  ),
  source: fc
    .array(
      fc.oneof(
        { weight: 6, arbitrary: tie('atom') },
        fc
          .tuple(tie('atom'), fc.constantFrom('?', '*', '+', '{2}', '{1,3}', '*?', '??'))
          .map(([atom, many]) => (atom.length === 1 || /[)\]]$/u.test(atom) ? atom + many : atom)),
        fc.constant('|'),
      ),
      { minLength: 1, maxLength: 6 },
    )
    .map((parts) => parts.join('')),
}));
const part = fc.constantFrom(
  'a',
  'b',
  'c',
  'abc',
  'ABC',
  'K',
  '1',
  '12',
  '.',
  ' ',
  '\r',
  'é',
  'ſ',
  'K',
  '\t',
);
const text = fc
  .array(
    fc.tuple(
      fc.array(part, { maxLength: 8 }).map((parts) => Buffer.from(parts.join(''))),
      fc.constantFrom('\n', '\r\n'),
    ),
    { minLength: 1, maxLength: 40 },
  )
  .map((lines) => Buffer.concat(lines.flatMap(([bytes, end]) => [bytes, Buffer.from(end)])));

function viewOf(bytes: Buffer) {
  const ends = cutLines(bytes);
  const columns = emptyColumns(ends.length, null);
  const lines = ends.map((end, line) => {
    const from = ends[line - 1] ?? 0;
    if (bytes.subarray(from, end).some((byte) => byte > 0x7f)) columns.flags[line] = lineFlags.notAscii;
    return decodeLogBytes(bytes.subarray(from, contentEnd(bytes, from, end)));
  });
  const fold = createByteFolder();
  return { lines, view: createBlockView({ columns, readText: () => bytes, appliance: 'id', fold }) };
}

test('when a regular expression is searched in a block, it finds the lines that it matches one by one', () => {
  let hits = 0;
  fc.assert(
    fc.property(
      source,
      fc.constantFrom('' as const, 'i' as const),
      text,
      fc.infiniteStream(fc.boolean()),
      (pattern, flags, bytes, chosen) => {
        fc.pre(findRegexpFault({ source: pattern, flags }) === null);
        const { lines, view } = viewOf(bytes);
        const mask = emptyBitmap(lines.length);
        for (const line of lines.keys()) if (chosen.next().value === true) setBit(mask, line);
        const one = RE2JS.compile(RE2JS.translateRegExp(pattern), flags === 'i' ? RE2JS.CASE_INSENSITIVE : 0);
        const found = createRegexpLeaf({ source: pattern, flags })(view, mask);
        for (const [line, content] of lines.entries()) {
          const expected = hasBit(mask, line) && one.test(content);
          if (expected) hits += 1;
          expect([pattern, flags, content, hasBit(found, line)]).toEqual([pattern, flags, content, expected]);
        }
      },
    ),
    { numRuns: 1500 },
  );
  expect(hits).toBeGreaterThan(1000);
});

test.each([
  ['(?<=a)b', 'behind'],
  ['a(?=b)', 'behind'],
  [String.raw`(a)\1`, 'References'],
])('when %s looks around or back, it is refused', (pattern, reason) => {
  expect(findRegexpFault({ source: pattern, flags: '' })).toContain(reason);
});

test('whatever the text and where it lies in memory, its line ends are found', () => {
  const short = fc.constantFrom('', '\n', 'a\n', '\na\n').map((one) => Buffer.from(one));
  fc.assert(
    fc.property(fc.oneof(text, short), fc.nat(3), fc.string(), (bytes, shift, rest) => {
      const whole = Buffer.concat([Buffer.alloc(shift), bytes, Buffer.from(rest.replaceAll('\n', ''))]);
      const moved = Buffer.from(new Uint8Array(whole).buffer, shift);
      const ends = cutLines(moved);
      expect([...findLineEnds(moved, ends.length, [])]).toEqual(ends);
    }),
  );
});

test('when a block is longer than a piece, lines of every piece are found', () => {
  const lines = Array.from(
    { length: 4000 },
    (_, line) => `${'x'.repeat(60)} job ${line} took ${line % 7} ms`,
  );
  const { view } = viewOf(Buffer.from(`${lines.join('\n')}\n`));
  for (const pattern of [
    String.raw`took [35] ms`,
    String.raw`\d+ took [35]`,
    String.raw`job \d*7 took 3 ms$`,
  ]) {
    const found = createRegexpLeaf({ source: pattern, flags: '' })(view, rangeBitmap(lines.length, 0, 4000));
    const regexp = new RegExp(pattern, 'u');
    expect(lines.filter((_, line) => hasBit(found, line))).toEqual(lines.filter((line) => regexp.test(line)));
  }
});
