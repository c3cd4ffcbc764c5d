import { decodeQR } from 'qr/decode.js';
import { expect, test } from 'vitest';
import { createQrReader } from '../../../src-shared/model/licence/qrFrames.ts';
import { qrPicture } from './qrPicture.ts';

/** Pixels of the side of a module. */
const scale = 3;

/** The texts of the codes in a picture, read from its shapes as a camera would see them. */
function readCodes(picture: string): string[] {
  return [...picture.matchAll(/<svg viewBox="0 0 (\d+) \d+">.*?d="([^"]*)"/gu)].map(([, size, path = '']) => {
    const width = Number(size) * scale;
    const data = new Uint8ClampedArray(width * width * 4).fill(255);
    for (const [, x, y, dark] of path.matchAll(/M(\d+) (\d+)h(\d+)v1/gu))
      for (let line = 0; line < scale; line += 1) {
        const start = ((Number(y) * scale + line) * width + Number(x) * scale) * 4;
        data.fill(0, start, start + Number(dark) * scale * 4);
      }
    return decodeQR({ width, height: width, data });
  });
}

test('when a licence fits into one code, the picture holds it and does not move', () => {
  const text = 'eyJ'.repeat(300);
  const picture = qrPicture(text, 'QR code') ?? '';
  expect(readCodes(picture)).toEqual([text]);
  expect(picture).not.toContain('<animate');
});

test('when a licence is longer, its frames are shown one after the other and restore it, also if one is missed', () => {
  const text = Array.from({ length: 800 }, (_, at) => at.toString(36)).join('');
  const picture = qrPicture(text, 'QR code') ?? '';
  const codes = readCodes(picture);
  expect(picture.match(/begin="[\d.]+s"/gu)).toEqual(codes.map((_, at) => `begin="${at / 5}s"`));
  const reader = createQrReader();
  expect(codes.slice(1).map((code) => reader.read(code))).toContainEqual({ state: 'complete', text });
});

test('when a licence is too long for the page, it gets no picture', () => {
  expect(qrPicture('x'.repeat(20_000), 'QR code')).toBeNull();
});
