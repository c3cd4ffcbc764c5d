export type LineSplitter = {
  /** The lines that `chunk` completes, without their line ends. Bytes that are not UTF-8 become U+FFFD. */
  push: (chunk: Buffer) => string[];
};

const lineFeed = 0x0a;

/** Cuts a byte stream into lines in bounded memory: what a line has beyond `maxLineBytes` is counted and dropped. */
export function createLineSplitter(maxLineBytes: number): LineSplitter {
  let parts: Buffer[] = [];
  let kept = 0;
  let cut = 0;

  const keep = (part: Buffer) => {
    const room = maxLineBytes - kept;
    if (room > 0) parts.push(part.subarray(0, room));
    kept += Math.min(part.length, room);
    cut += Math.max(0, part.length - room);
  };
  const finish = (): string => {
    const text = Buffer.concat(parts, kept).toString('utf8');
    const line = cut === 0 ? text : `${text} [… ${cut} bytes more were cut]`;
    parts = [];
    kept = 0;
    cut = 0;
    return line;
  };

  return {
    push: (chunk) => {
      const lines: string[] = [];
      let from = 0;
      for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, from)) {
        keep(chunk.subarray(from, end));
        lines.push(finish());
        from = end + 1;
      }
      if (from < chunk.length) keep(Buffer.from(chunk.subarray(from)));
      return lines;
    },
  };
}
