import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLineSplitter } from './lineSplitter.ts';

const maxLineBytes = 65_536;

test('however the bytes are cut, the same lines come out', () => {
  fc.assert(
    fc.property(fc.uint8Array({ max: 255, maxLength: 400 }), fc.array(fc.nat(400)), (bytes, cuts) => {
      const whole = createLineSplitter(maxLineBytes).push(Buffer.from(bytes));
      const splitter = createLineSplitter(maxLineBytes);
      const at = [0, ...cuts.toSorted((a, b) => a - b), bytes.length].map((cut) =>
        Math.min(cut, bytes.length),
      );
      const pieces = at.slice(1).map((end, index) => Buffer.from(bytes.subarray(at[index], end)));
      expect(pieces.flatMap((piece) => splitter.push(piece))).toEqual(whole);
      expect(whole).toHaveLength(bytes.filter((byte) => byte === 10).length);
    }),
  );
});

test('a character that two chunks share is one character, and what is not UTF-8 shows as such', () => {
  const splitter = createLineSplitter(maxLineBytes);
  const euro = Buffer.from('€');
  expect(splitter.push(euro.subarray(0, 1))).toEqual([]);
  expect(splitter.push(Buffer.concat([euro.subarray(1), Buffer.from([0xff, 0x0a])]))).toEqual(['€\ufffd']);
});

test('an endless line is cut, marked, and followed by the next one', () => {
  const splitter = createLineSplitter(maxLineBytes);
  for (let kilobyte = 0; kilobyte < 1000; kilobyte += 1)
    expect(splitter.push(Buffer.alloc(1024, 'x'))).toEqual([]);
  const [line, next] = splitter.push(Buffer.from('y\nnext\n'));
  expect(line).toBe(`${'x'.repeat(maxLineBytes)} [… ${1024 * 1000 + 1 - maxLineBytes} bytes more were cut]`);
  expect(next).toBe('next');
});
