/**
 * Cuts a byte stream into lines of at most `longest` bytes. What is longer is reported once as `null` and skipped up
 * to its end, so that a peer can neither fill the memory nor lose the place.
 */
export function createLineCutter(longest: number): (chunk: Buffer) => (string | null)[] {
  let held: Buffer[] = [];
  let size = 0;
  let skipping = false;
  return (chunk) => {
    const lines: (string | null)[] = [];
    let start = 0;
    while (start < chunk.length) {
      const newline = chunk.indexOf(0x0a, start);
      const end = newline === -1 ? chunk.length : newline;
      const part = chunk.subarray(start, end);
      size += part.length;
      if (!skipping && size > longest) {
        skipping = true;
        held = [];
        lines.push(null);
      }
      if (!skipping) held.push(part);
      if (newline === -1) break;
      if (!skipping) lines.push(Buffer.concat(held).toString('utf8'));
      held = [];
      size = 0;
      skipping = false;
      start = newline + 1;
    }
    return lines;
  };
}
