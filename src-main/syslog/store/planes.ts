/**
 * A column of whole numbers as byte planes: all lowest bytes, then all second bytes, and so on, of the difference to the
 * smallest number. Times that are decades apart and process IDs beyond 32 bits take more planes.
 */
export type PlaneHeader = readonly [smallest: number, planes: number];

export function writePlanes(
  values: ArrayLike<number>,
  count: number,
): { header: PlaneHeader; bytes: Buffer } {
  let smallest = Number.POSITIVE_INFINITY;
  let largest = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < count; at += 1) {
    const value = values[at] ?? 0;
    if (value < smallest) smallest = value;
    if (value > largest) largest = value;
  }
  if (count === 0) return { header: [0, 0], bytes: Buffer.alloc(0) };
  let planes = 0;
  for (let rest = largest - smallest; rest > 0; rest = Math.floor(rest / 256)) planes += 1;
  const bytes = Buffer.allocUnsafe(planes * count);
  for (let at = 0; at < count; at += 1) {
    let rest = (values[at] ?? 0) - smallest;
    for (let plane = 0; plane < planes; plane += 1) {
      // The low bits of a number beyond 32 bits are what `| 0` keeps.
      bytes[plane * count + at] = rest < 0x8000_0000 ? rest & 0xff : rest % 256;
      rest = rest < 0x8000_0000 ? rest >>> 8 : Math.floor(rest / 256);
    }
  }
  return { header: [smallest, planes], bytes };
}

/** Reads `count` numbers from `at` into `target`; returns where the next column starts. */
export function readPlanes(
  source: { bytes: Buffer; at: number; header: PlaneHeader },
  target: Uint8Array | Uint16Array | Float64Array,
  count: number,
): number {
  const { bytes, at, header } = source;
  const [smallest, planes] = header;
  target.fill(smallest, 0, count);
  let factor = 1;
  for (let plane = 0; plane < planes; plane += 1) {
    const from = at + plane * count;
    for (let line = 0; line < count; line += 1)
      target[line] = (target[line] ?? 0) + (bytes[from + line] ?? 0) * factor;
    factor *= 256;
  }
  return at + planes * count;
}
