import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { markPadding } from '../base/padding.ts';
import { createLineSplitter, createMessageSplitter } from './lineSplitter.ts';

const maxLineBytes = 65_536;
const read = (text: string, limit = maxLineBytes) => createLineSplitter(limit)(Buffer.from(text));
const nuls = (length: number) => '\0'.repeat(length);

test('when the same bytes arrive in other chunks, returns the same lines', () => {
  fc.assert(
    fc.property(fc.uint8Array({ max: 255, maxLength: 400 }), fc.array(fc.nat(400)), (bytes, cuts) => {
      const whole = createLineSplitter(maxLineBytes)(Buffer.from(bytes));
      const splitter = createLineSplitter(maxLineBytes);
      const at = [0, ...cuts.toSorted((a, b) => a - b), bytes.length].map((cut) =>
        Math.min(cut, bytes.length),
      );
      const pieces = at.slice(1).map((end, index) => Buffer.from(bytes.subarray(at[index], end)));
      expect(pieces.flatMap((piece) => splitter(piece))).toEqual(whole);
      expect(whole).toHaveLength(bytes.filter((byte) => byte === 10).length);
    }),
  );
});

test('when a character is split between two chunks, decodes it; invalid UTF-8 becomes U+FFFD', () => {
  const splitter = createLineSplitter(maxLineBytes);
  const euro = Buffer.from('€');
  expect(splitter(euro.subarray(0, 1))).toEqual([]);
  expect(splitter(Buffer.concat([euro.subarray(1), Buffer.from([0xff, 0x0a])]))).toEqual(['€\ufffd']);
});

test('when a line is too long, cuts and marks it, and continues with the next line', () => {
  const splitter = createLineSplitter(maxLineBytes);
  for (let kilobyte = 0; kilobyte < 1000; kilobyte += 1)
    expect(splitter(Buffer.alloc(1024, 'x'))).toEqual([]);
  const [line, next] = splitter(Buffer.from('y\nnext\n'));
  expect(line).toBe(`${'x'.repeat(maxLineBytes)} [… ${1024 * 1000 + 1 - maxLineBytes} bytes more were cut]`);
  expect(next).toBe('next');
});

describe('when a log contains padding', () => {
  test.each([
    ['at the start of a line', `${nuls(300)}text\n`, ['[300 NUL bytes]text']],
    ['of one byte at the start', `a\n${nuls(1)}text\n`, ['a', '[1 NUL byte]text']],
    ['in a line', `te${nuls(20)}xt\n`, ['te[20 NUL bytes]xt']],
    ['at the end of a line', `text${nuls(5)}\nnext\n`, ['text[5 NUL bytes]', 'next']],
    ['as a whole line', `${nuls(9)}\nnext\n`, ['[9 NUL bytes]', 'next']],
    ['larger than the limit', `${nuls(200_000)}text\n`, ['[200000 NUL bytes]text']],
    ['larger than the limit, in a line', `te${nuls(200_000)}xt\n`, ['te[200000 NUL bytes]xt']],
    ['of one byte in a line', `te${nuls(1)}xt\n`, ['te\0xt']],
  ])('%s, keeps the text', (_where, text, lines) => {
    expect(read(text)).toEqual(lines);
  });

  test('when padding and text alternate, stays within the limit', () => {
    const [line = ''] = read(`${`${nuls(2)}x`.repeat(5000)}\n`, 1000);
    expect(line).toMatch(/^.{1000} \[… \d+ bytes more were cut\]$/u);
  });

  test('in random places and chunks, marks each byte once and loses no text', () => {
    const part = fc.oneof(fc.nat({ max: 40 }).map(nuls), fc.constantFrom('text', '\n', 'a', 'é'));
    fc.assert(
      fc.property(fc.array(part), fc.array(fc.integer({ min: 1, max: 9 })), (parts, cuts) => {
        const text = `${parts.join('')}\n`;
        const bytes = Buffer.from(text);
        const split = createLineSplitter(maxLineBytes);
        const lines: string[] = [];
        let at = 0;
        for (const cut of cuts) lines.push(...split(bytes.subarray(at, (at += cut))));
        lines.push(...split(bytes.subarray(at)));
        expect(lines).toEqual(markPadding(text).split('\n').slice(0, -1));
        expect(lines.join('\n').replaceAll(/\[\d+ NUL bytes?\]|\0/gu, '')).toBe(
          text.slice(0, -1).replaceAll('\0', ''),
        );
      }),
    );
  });
});

test('when messages arrive in random chunks, returns the same messages', () => {
  const line = fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.replaceAll('\n', ''));
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.integer({ min: 1, max: 7 })), (lines, cuts) => {
      const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''));
      const split = createMessageSplitter(1000);
      const seen: (string | null)[] = [];
      let offset = 0;
      for (const cut of cuts) {
        seen.push(...split(bytes.subarray(offset, offset + cut)));
        offset += cut;
      }
      seen.push(...split(bytes.subarray(offset)));
      expect(seen).toEqual(lines);
    }),
  );
});

test('when a message is too long, reports it once before its end, and continues with the next message', () => {
  const split = createMessageSplitter(5);
  const seen = ['1234', '56', '789\nab', 'c\n12345\n'].map((part) => split(Buffer.from(part)));
  expect(seen).toEqual([[], [null], [], ['abc', '12345']]);
});
