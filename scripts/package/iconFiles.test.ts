import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { iconSizes, writeIcns, writeIco } from './iconFiles.ts';

const pictures = iconSizes.map((size) => ({ size, png: readFileSync(`build/icons/${size}x${size}.png`) }));
const pngStart = Buffer.from('89504e470d0a1a0a', 'hex');

/** Width and height of a PNG, from its header. */
function sizeOf(png: Buffer): [number, number] {
  expect(png.subarray(0, 8)).toEqual(pngStart);
  return [png.readUInt32BE(16), png.readUInt32BE(20)];
}

test('when an icon is committed, it has the size that its name says', () => {
  for (const { size, png } of pictures) expect(sizeOf(png)).toEqual([size, size]);
});

test('when Windows reads the ICO file, each entry leads to a picture of its size', () => {
  const ico = readFileSync('build/icon.ico');
  expect(ico.equals(writeIco(pictures))).toBe(true);
  const count = ico.readUInt16LE(4);
  const found = Array.from({ length: count }, (_, index) => {
    const at = 6 + 16 * index;
    const picture = ico.subarray(
      ico.readUInt32LE(at + 12),
      ico.readUInt32LE(at + 12) + ico.readUInt32LE(at + 8),
    );
    expect(sizeOf(picture)[0] % 256).toBe(ico.readUInt8(at));
    return sizeOf(picture)[0];
  });
  expect(found).toEqual([16, 24, 32, 48, 64, 128, 256]);
});

test('when macOS reads the ICNS file, it finds a picture for each kind of screen', () => {
  const icns = readFileSync('build/icon.icns');
  expect(icns.equals(writeIcns(pictures))).toBe(true);
  expect(icns.readUInt32BE(4)).toBe(icns.length);
  const found: [string, number][] = [];
  for (let at = 8; at < icns.length; at += icns.readUInt32BE(at + 4))
    found.push([icns.toString('ascii', at, at + 4), sizeOf(icns.subarray(at + 8))[0]]);
  expect(found).toEqual([
    ['icp4', 16],
    ['icp5', 32],
    ['ic11', 32],
    ['ic12', 64],
    ['ic07', 128],
    ['ic08', 256],
    ['ic13', 256],
    ['ic09', 512],
    ['ic14', 512],
    ['ic10', 1024],
  ]);
});
