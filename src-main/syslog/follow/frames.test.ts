import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFrameDecoder, type FramePart } from './frames.ts';

const token = 'aa'.repeat(16);
const mark = '0123456789abcdef'.repeat(2);
const hello = `\n@${token} hello 1 ${mark} 1764412345 +0100\n`;
const frame = (words: string) => `\n@${mark} ${words}\n`;

function decode(text: Buffer, cuts: readonly number[]): FramePart[] {
  const decoder = createFrameDecoder(token);
  const bounds = [0, ...[...cuts].sort((a, b) => a - b), text.length];
  const parts: FramePart[] = [];
  for (const [index, from] of bounds.entries())
    parts.push(...decoder.push(text.subarray(from, bounds[index + 1] ?? text.length)));
  return parts;
}

/** Joins the bytes of each frame. */
function join(parts: readonly FramePart[]) {
  const frames: { words: string; bytes: Buffer }[] = [];
  for (const part of parts) {
    const last = frames.at(-1);
    if (part.kind === 'frame') frames.push({ words: part.words.join(' '), bytes: Buffer.alloc(0) });
    else if (last !== undefined) last.bytes = Buffer.concat([last.bytes, part.bytes]);
  }
  return frames;
}

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const nearMisses = fc.constantFrom(
  '\n@',
  `\n@${mark}`,
  `@${mark} data`,
  '\n\n',
  `\n@${token} hello 1 ${'ff'.repeat(16)} 1\n`,
);
const payload = fc
  .array(
    fc.oneof(
      bytes,
      nearMisses.map((text) => Buffer.from(text)),
    ),
    { maxLength: 6 },
  )
  .map((list) => Buffer.concat(list))
  .filter((joined) => !joined.includes(`\n@${mark} `));

describe('the decoder of frames', () => {
  test('returns the same frames however the output is cut, behind any text of a start-up file', () => {
    fc.assert(
      fc.property(
        bytes.filter((garbage) => !garbage.includes(`\n@${token} `)),
        fc.array(payload, { maxLength: 5 }),
        fc.array(fc.nat(2000), { maxLength: 30 }),
        (garbage, payloads, cuts) => {
          const text = Buffer.concat([
            garbage,
            Buffer.from(hello),
            ...payloads.flatMap((each, index) => [Buffer.from(frame(`data ${index}`)), each]),
            Buffer.from(frame('done')),
          ]);
          const frames = join(
            decode(
              text,
              cuts.map((cut) => Math.min(cut, text.length)),
            ),
          );
          expect(frames.map(({ words }) => words)).toEqual([
            `hello 1 ${mark} 1764412345 +0100`,
            ...payloads.map((_, index) => `data ${index}`),
            'done',
          ]);
          expect(frames.slice(1, -1).map(({ bytes: got }) => got)).toEqual(payloads);
        },
      ),
    );
  });

  test('when no greeting comes, skips a bounded amount of text and then fails', () => {
    const decoder = createFrameDecoder(token);
    const chunk = Buffer.alloc(64 * 1024, 'x');
    expect(() => {
      for (let index = 0; index < 20; index += 1) Array.from(decoder.push(chunk));
    }).toThrow('too much text before the log');
  });

  test.each([
    ['another version', `\n@${token} hello 2 ${mark}\n`],
    ['no mark', `\n@${token} hello 1 \n`],
    ['another frame', `\n@${token} done\n`],
  ])('rejects a greeting with %s', (_what, text) => {
    expect(() => decode(Buffer.from(text), [])).toThrow('an unknown greeting');
  });

  test('rejects a frame without end', () => {
    const text = Buffer.concat([Buffer.from(`${hello}\n@${mark} `), Buffer.alloc(20_000, 'y')]);
    expect(() => decode(text, [])).toThrow('a line that is too long');
  });

  test('passes on the bytes of a payload while it arrives', () => {
    const decoder = createFrameDecoder(token);
    const parts = [...decoder.push(Buffer.from(`${hello}${frame('data')}`))];
    let passed = 0;
    for (let index = 0; index < 100; index += 1)
      for (const part of decoder.push(Buffer.alloc(1000, 'z')))
        if (part.kind === 'bytes') passed += part.bytes.length;
    expect(parts).toHaveLength(2);
    expect(passed).toBeGreaterThan(99_900);
  });
});
