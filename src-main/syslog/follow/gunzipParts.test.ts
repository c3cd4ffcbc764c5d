import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { systemErrorCode } from '../../../src-shared/node/systemErrorCode.ts';
import { gunzipParts } from './gunzipParts.ts';

const text = Array.from({ length: 3000 }, (_, index) => `line ${index} ${Math.sin(index)}\n`).join('');
const packed = gzipSync(text);

async function* inChunks(bytes: Buffer, size: number, pauseMs: number | null): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) {
    if (pauseMs !== null) await delay(pauseMs);
    yield bytes.subarray(at, at + size);
  }
}

async function unpack(chunks: AsyncIterable<Buffer>, pauseMs: number | null = null) {
  const parts: Buffer[] = [];
  try {
    for await (const part of gunzipParts(chunks)) {
      parts.push(part);
      if (pauseMs !== null) await delay(pauseMs);
    }
    return { text: Buffer.concat(parts).toString(), code: null };
  } catch (thrown) {
    return { text: Buffer.concat(parts).toString(), code: systemErrorCode(thrown) ?? null };
  }
}

test('when the file is whole, unpacks it, also with several members', async () => {
  expect(await unpack(inChunks(packed, 1000, null))).toEqual({ text, code: null });
  const twice = Buffer.concat([packed, packed]);
  expect(await unpack(inChunks(twice, 100_000, 0), 1)).toEqual({ text: text + text, code: null });
});

test('when the file is cut, yields the same text however it arrives and is read, and then rejects', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: packed.length - 1 }),
      fc.integer({ min: 700, max: 40_000 }),
      fc.constantFrom(null, 0, 1),
      fc.constantFrom(null, 0, 1),
      async (length, size, sendPause, readPause) => {
        const bytes = packed.subarray(0, length);
        const slow = await unpack(inChunks(bytes, size, sendPause), readPause);
        const whole = await unpack(inChunks(bytes, bytes.length, null));
        expect(slow).toEqual(whole);
        expect(slow.code).toBe('Z_BUF_ERROR');
        expect(text.startsWith(slow.text)).toBe(true);
      },
    ),
    { numRuns: 60 },
  );
  const { text: most } = await unpack(inChunks(packed.subarray(0, packed.length - 9), 5000, null));
  expect(most).toBe(text);
});

test('when the file is no archive or damaged, rejects, and the reader of the chunks ends', async () => {
  expect(await unpack(inChunks(Buffer.from('no archive'), 3, 0))).toEqual({ text: '', code: 'Z_DATA_ERROR' });
  const damaged = Buffer.from(packed);
  damaged.fill(0xff, 20_000, 20_100);
  const { text: before, code } = await unpack(inChunks(damaged, 4096, 0));
  expect(code).toMatch(/^Z_/u);
  expect(before.length).toBeGreaterThan(10_000);
  expect(text.startsWith(before.slice(0, 10_000))).toBe(true);
});

test('when the reader stops, stops reading the chunks', async () => {
  let isEnded = false;
  async function* endless() {
    try {
      for (;;) {
        await delay(0);
        yield packed;
      }
    } finally {
      isEnded = true;
    }
  }
  for await (const part of gunzipParts(endless())) if (part.length > 0) break;
  expect(isEnded).toBe(true);
});
