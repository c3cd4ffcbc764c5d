import { encodeQR } from 'qr';
import { decodeQR } from 'qr/decode.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maxDocumentBytes } from './documents.ts';
import { createQrFrames, createQrReader, maxStaticQrBytes } from './qrFrames.ts';

/** Base64url text of random bytes, as signed documents are. */
function documentOf(length: number, seed = 7): string {
  let state = seed;
  const signs = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return Array.from({ length }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return signs[Math.floor(state / 65_536) % 64];
  }).join('');
}

/** Draws a code as a picture, as a screen shows it, and reads it back. */
function throughPicture(text: string): string {
  const modules = encodeQR(text, 'raw', { ecc: 'low', border: 4 });
  const scale = 3;
  const width = modules.length * scale;
  const data = new Uint8ClampedArray(width * width * 4).fill(255);
  for (let y = 0; y < width; y += 1)
    for (let x = 0; x < width; x += 1)
      if (modules[Math.floor(y / scale)]?.[Math.floor(x / scale)] === true)
        data.fill(0, (y * width + x) * 4, (y * width + x) * 4 + 3);
  return decodeQR({ width, height: width, data });
}

/** Changes the content of a frame, but not its number. */
function damage(code: string): string {
  return code.replace(/\/(.)([\w-]+)$/u, (_all, first, rest) => `/${first === 'A' ? 'B' : 'A'}${rest}`);
}

test('when a document fits into one code, the code is the document', () => {
  const text = documentOf(maxStaticQrBytes);
  const frames = createQrFrames(text);
  expect(frames.isStatic).toBe(true);
  expect(createQrReader().read(throughPicture(frames.frameAt(0)))).toEqual({ state: 'complete', text });
});

test('when a 4 kB document is shown as pictures, it is read from them', () => {
  const text = documentOf(4096);
  const { frameAt, chunks } = createQrFrames(text);
  const reader = createQrReader();
  const progress = Array.from({ length: chunks }, (_, at) => reader.read(throughPicture(frameAt(at))));
  expect(progress.slice(0, 2)).toEqual([
    { state: 'reading', seen: 1, chunks: 10 },
    { state: 'reading', seen: 2, chunks: 10 },
  ]);
  expect(progress.at(-1)).toEqual({ state: 'complete', text });
});

test('when any 15 of 50 frames of a 4 kB document are lost, the others restore it: 10 s at 5 frames a second', () => {
  const text = documentOf(4096);
  const { frameAt } = createQrFrames(text);
  const lost = fc.uniqueArray(fc.nat(49), { minLength: 15, maxLength: 15 });
  fc.assert(
    fc.property(lost, fc.nat(9999), (dropped, first) => {
      const reader = createQrReader();
      const shown = Array.from({ length: 50 }, (_, at) => at).filter((at) => !dropped.includes(at));
      const read = shown.map((at) => reader.read(frameAt(first + at)));
      expect(read.find(({ state }) => state === 'complete')).toEqual({ state: 'complete', text });
    }),
  );
});

test('when every frame of the first round is lost, later frames restore the longest document', () => {
  const text = documentOf(maxDocumentBytes);
  const { frameAt, chunks } = createQrFrames(text);
  const reader = createQrReader();
  const needed = Array.from({ length: chunks + 20 }, (_, at) => reader.read(frameAt(chunks + at)));
  expect(needed.find(({ state }) => state === 'complete')).toEqual({ state: 'complete', text });
});

test('when frames of two documents are mixed or damaged, neither becomes part of the other', () => {
  const [one, other] = [createQrFrames(documentOf(2000, 1)), createQrFrames(documentOf(2000, 2))];
  const reader = createQrReader();
  reader.read(one.frameAt(0));
  for (let at = 0; at < 4; at += 1) reader.read(other.frameAt(at));
  expect(reader.read(other.frameAt(4))).toEqual({ state: 'complete', text: documentOf(2000, 2) });
  const damaged = createQrReader();
  for (let at = 0; at < 4; at += 1) damaged.read(one.frameAt(at));
  expect(damaged.read(damage(one.frameAt(4)))).toMatchObject({ state: 'reading' });
  const again = Array.from({ length: 5 }, (_, at) => damaged.read(one.frameAt(at)));
  expect(again.at(-1)).toEqual({ state: 'complete', text: documentOf(2000, 1) });
});

test.each([
  'SPQ1/0123456789abcdef/0/1/AAAA',
  'SPQ1/0123456789abcdef/99999/1/AAAA',
  'SPQ1/0123456789abcdef/2000/1/AAAA',
  'SPQ1/0123456789abcdef/2000/1/A',
  `SPQ1/0123456789abcdef/2000/1/${'A'.repeat(601)}`,
])('when a frame is impossible, it is left out: %s', (code) => {
  expect(createQrReader().read(code)).toEqual({ state: 'reading', seen: 0, chunks: 0 });
});
