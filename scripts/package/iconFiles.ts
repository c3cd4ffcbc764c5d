/** A square picture as PNG. */
export type IconPicture = { size: number; png: Buffer };

/** The sizes that the packages need, in pixels. */
export const iconSizes = [16, 24, 32, 48, 64, 128, 256, 512, 1024] as const;

const icoSizes: ReadonlySet<number> = new Set([16, 24, 32, 48, 64, 128, 256]);

/** Windows: a directory of 16 bytes for each picture, then the PNG files. A size of 256 is written as 0. */
export function writeIco(pictures: readonly IconPicture[]): Buffer {
  const chosen = pictures.filter(({ size }) => icoSizes.has(size));
  const header = Buffer.alloc(6 + 16 * chosen.length);
  header.writeUInt16LE(1, 2);
  header.writeUInt16LE(chosen.length, 4);
  let offset = header.length;
  chosen.forEach(({ size, png }, index) => {
    const at = 6 + 16 * index;
    header.writeUInt8(size % 256, at);
    header.writeUInt8(size % 256, at + 1);
    header.writeUInt16LE(1, at + 4);
    header.writeUInt16LE(32, at + 6);
    header.writeUInt32LE(png.length, at + 8);
    header.writeUInt32LE(offset, at + 12);
    offset += png.length;
  });
  return Buffer.concat([header, ...chosen.map(({ png }) => png)]);
}

/** macOS's names of PNG pictures by their size in pixels; the second of a size is that of a screen with double pixels. */
const icnsTypes: Readonly<Record<number, readonly string[]>> = {
  16: ['icp4'],
  32: ['icp5', 'ic11'],
  64: ['ic12'],
  128: ['ic07'],
  256: ['ic08', 'ic13'],
  512: ['ic09', 'ic14'],
  1024: ['ic10'],
};

function icnsChunk(type: string, content: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(type, 'ascii');
  head.writeUInt32BE(8 + content.length, 4);
  return Buffer.concat([head, content]);
}

/** macOS: `icns`, the length of the file, then each picture with its name and length, in big-endian order. */
export function writeIcns(pictures: readonly IconPicture[]): Buffer {
  const entries = pictures.flatMap(({ size, png }) =>
    (icnsTypes[size] ?? []).map((type) => icnsChunk(type, png)),
  );
  return icnsChunk('icns', Buffer.concat(entries));
}
