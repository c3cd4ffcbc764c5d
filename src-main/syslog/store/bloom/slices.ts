import { filterBytes } from './filter.ts';

/*
 * 64 filters turned: one row holds 128 neighbouring bits of each filter, bit by bit, 64 filters together. A query reads one
 * row per bit instead of 64 filters. Seven rows fill a page of the database.
 */
export const filtersPerGroup = 64;
export const bitsPerRow = 128;
const bytesPerBit = filtersPerGroup / 8;
export const bytesOfFilterPerRow = bitsPerRow / 8;
export const rowsPerGroup = filterBytes / bytesOfFilterPerRow;

/** Turns 128 bits, from byte `from` of the parts on. `parts`: by the filter's place; missing filters have no bits. */
export function turnRow(parts: ReadonlyMap<number, Uint8Array>, from: number): Buffer {
  const row = Buffer.alloc(bitsPerRow * bytesPerBit);
  for (const [place, part] of parts) {
    const byte = place >>> 3;
    const bit = 1 << (place & 7);
    for (let at = 0; at < bytesOfFilterPerRow; at += 1) {
      const eight = part[from + at] ?? 0;
      for (let shift = 0; eight >>> shift !== 0; shift += 1) {
        if (((eight >>> shift) & 1) === 0) continue;
        const target = (at * 8 + shift) * bytesPerBit + byte;
        row[target] = (row[target] ?? 0) | bit;
      }
    }
  }
  return row;
}

/** Where a bit of the filters of a group stands. */
export function placeOfBit(group: number, bit: number): { row: number; at: number } {
  return { row: group * rowsPerGroup + Math.floor(bit / bitsPerRow), at: (bit % bitsPerRow) * bytesPerBit };
}

/** The filters of the group that have the bit: two numbers of 32 bits. */
export function readBit(row: Buffer, at: number): [low: number, high: number] {
  return [row.readInt32LE(at), row.readInt32LE(at + 4)];
}
