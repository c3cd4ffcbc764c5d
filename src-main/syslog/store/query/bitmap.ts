/** A set of lines of a block: bit n of word n / 32. */
export type Bitmap = Uint32Array;

export function emptyBitmap(count: number): Bitmap {
  return new Uint32Array(Math.ceil(count / 32));
}

/** The lines from `from` to before `to`. */
export function rangeBitmap(count: number, from: number, to: number): Bitmap {
  const bitmap = emptyBitmap(count);
  const end = Math.min(count, to);
  for (let line = Math.max(0, from); line < end;)
    if ((line & 31) === 0 && line + 32 <= end) {
      bitmap[line >>> 5] = -1;
      line += 32;
    } else {
      setBit(bitmap, line);
      line += 1;
    }
  return bitmap;
}

export function setBit(bitmap: Bitmap, line: number): void {
  bitmap[line >>> 5] = (bitmap[line >>> 5] ?? 0) | (1 << (line & 31));
}

export function hasBit(bitmap: Bitmap, line: number): boolean {
  return ((bitmap[line >>> 5] ?? 0) & (1 << (line & 31))) !== 0;
}

export function countBits(bitmap: Bitmap): number {
  let sum = 0;
  for (const word of bitmap) {
    let bits = word - ((word >>> 1) & 0x5555_5555);
    bits = (bits & 0x3333_3333) + ((bits >>> 2) & 0x3333_3333);
    sum += Math.imul((bits + (bits >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
  }
  return sum;
}

export function isEmpty(bitmap: Bitmap): boolean {
  return bitmap.every((word) => word === 0);
}

/** Adds the lines of `other`. */
export function addBits(bitmap: Bitmap, other: Bitmap): void {
  for (let at = 0; at < bitmap.length; at += 1) bitmap[at] = (bitmap[at] ?? 0) | (other[at] ?? 0);
}

/** The lines of `bitmap` that are in `other`, too. */
export function sharedBits(bitmap: Bitmap, other: Bitmap): Bitmap {
  return bitmap.map((word, at) => word & (other[at] ?? 0));
}

/** The lines of `bitmap` without those of `other`. */
export function withoutBits(bitmap: Bitmap, other: Bitmap): Bitmap {
  return bitmap.map((word, at) => word & ~(other[at] ?? 0));
}

/** The first line from `from` on. -1 without one. */
export function nextBit(bitmap: Bitmap, from: number): number {
  let at = from >>> 5;
  let rest = (bitmap[at] ?? 0) & (-1 << (from & 31));
  while (rest === 0) {
    at += 1;
    if (at >= bitmap.length) return -1;
    rest = bitmap[at] ?? 0;
  }
  return at * 32 + 31 - Math.clz32(rest & -rest);
}

/** Calls `visit` for each line, in order. */
export function eachBit(bitmap: Bitmap, visit: (line: number) => void): void {
  for (let at = 0; at < bitmap.length; at += 1)
    for (let rest = bitmap[at] ?? 0; rest !== 0; rest &= rest - 1)
      visit(at * 32 + 31 - Math.clz32(rest & -rest));
}
