/**
 * Folds ASCII letters to lower case; other bytes stay. Four bytes at a time, in one buffer that each call uses again, because
 * every scanned block passes here.
 */
export function createByteFolder(): (bytes: Uint8Array) => Buffer {
  let quads = new Int32Array(0);
  let folded = Buffer.alloc(0);
  /** Several terms of a query fold the same text. */
  let last: Uint8Array | null = null;

  return (bytes) => {
    if (bytes === last) return folded.subarray(0, bytes.length);
    last = bytes;
    const count = Math.ceil(bytes.length / 4);
    if (quads.length < count) {
      quads = new Int32Array(count);
      folded = Buffer.from(quads.buffer);
    }
    folded.set(bytes);
    for (let at = 0; at < count; at += 1) {
      const quad = quads[at] ?? 0;
      const low = quad & 0x7f7f7f7f;
      // The highest bit of a byte tells whether it is at least A, and whether it is beyond Z.
      const isUpper = (low + 0x3f3f3f3f) & ~(low + 0x25252525) & ~quad & 0x80808080;
      quads[at] = quad | (isUpper >>> 2);
    }
    return folded.subarray(0, bytes.length);
  };
}
