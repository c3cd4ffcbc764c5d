import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLineCutter } from './messageLines.ts';

describe('createLineCutter', () => {
  it('gives the same lines however the stream was cut', () => {
    const line = fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.replaceAll('\n', ''));
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.integer({ min: 1, max: 7 })), (lines, cuts) => {
        const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''));
        const cutter = createLineCutter(1000);
        const seen: (string | null)[] = [];
        let offset = 0;
        for (const cut of cuts) {
          seen.push(...cutter(bytes.subarray(offset, offset + cut)));
          offset += cut;
        }
        seen.push(...cutter(bytes.subarray(offset)));
        expect(seen).toEqual(lines);
      }),
    );
  });

  it('reports a line that is too long once, and goes on behind it', () => {
    const cutter = createLineCutter(5);
    const seen = ['1234', '56', '789\nab', 'c\n12345\n'].flatMap((part) => cutter(Buffer.from(part)));
    expect(seen).toEqual([null, 'abc', '12345']);
  });
});
