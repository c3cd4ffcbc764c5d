import { crc32, deflateSync } from 'node:zlib';
import { drawPixels } from '../src-renderer/features/licences/qr/drawQr.ts';
import { encodeModules } from '../src-shared/model/licence/qrModules.ts';

function chunk(type: string, content: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type), content]);
  const bytes = Buffer.alloc(typed.length + 8);
  bytes.writeUInt32BE(content.length, 0);
  typed.copy(bytes, 4);
  bytes.writeUInt32BE(crc32(typed), typed.length + 4);
  return bytes;
}

/** A picture of the QR code of a text, in grey. */
export function qrPicture(text: string): Buffer {
  const { data, width } = drawPixels(encodeModules(text), 4);
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(width, 4);
  head.writeUInt8(8, 8);
  const rows = Array.from({ length: width }, (_, y) => {
    const row = Buffer.alloc(width + 1);
    for (let x = 0; x < width; x += 1) row[x + 1] = data[(y * width + x) * 4] ?? 255;
    return row;
  });
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
