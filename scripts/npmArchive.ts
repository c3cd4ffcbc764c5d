import { gzipSync } from 'node:zlib';

export type ArchivedFile = { name: string; content: Buffer; isProgram: boolean };

const blockSize = 512;
/** The same time for all files, so that the same files give the same archive. `npm pack` uses it too. */
const fileTime = Date.UTC(1985, 9, 26, 8, 15) / 1000;

function octal(value: number, digits: number): string {
  return `${value.toString(8).padStart(digits, '0')}\0`;
}

/** A ustar header (POSIX.1-1988). */
function header({ name, content, isProgram }: ArchivedFile): Buffer {
  const block = Buffer.alloc(blockSize);
  const path = `package/${name}`;
  if (Buffer.byteLength(path) > 100) throw new RangeError(`${path} is too long for the archive`);
  block.write(path, 0);
  block.write(octal(isProgram ? 0o755 : 0o644, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(content.length, 11), 124);
  block.write(octal(fileTime, 11), 136);
  // The checksum is computed with spaces in its own field.
  block.write(' '.repeat(8), 148);
  block.write('0', 156);
  block.write('ustar\x0000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)} `, 148);
  return block;
}

/** An archive for `npm install FILE`: a compressed tar with all files below `package/`. */
export function npmArchive(files: readonly ArchivedFile[]): Buffer {
  const blocks = files.flatMap((file) => {
    const rest = file.content.length % blockSize;
    return [header(file), file.content, Buffer.alloc(rest === 0 ? 0 : blockSize - rest)];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(2 * blockSize)]), { level: 9 });
}
