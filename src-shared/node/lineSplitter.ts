const lineFeed = 0x0a;

/**
 * Cuts a byte stream into lines without their ends, in bounded memory: bytes of a line beyond `maxLineBytes` are counted
 * and dropped. `onOverlong` is called as soon as a line is longer, `onLine` at its end. Bytes that are not UTF-8 become
 * U+FFFD.
 */
function splitLines(
  maxLineBytes: number,
  handlers: { onOverlong?: () => void; onLine: (text: string, droppedBytes: number) => void },
): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  let kept = 0;
  let dropped = 0;

  const keep = (part: Buffer) => {
    const room = maxLineBytes - kept;
    if (room > 0) parts.push(part.subarray(0, room));
    kept += Math.min(part.length, room);
    if (part.length > room && dropped === 0) handlers.onOverlong?.();
    dropped += Math.max(0, part.length - room);
  };
  const finish = () => {
    handlers.onLine(Buffer.concat(parts, kept).toString('utf8'), dropped);
    parts = [];
    kept = 0;
    dropped = 0;
  };

  return (chunk) => {
    let from = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, from)) {
      keep(chunk.subarray(from, end));
      finish();
      from = end + 1;
    }
    // A copy: the chunk may be much larger than what is kept of it.
    if (from < chunk.length) keep(Buffer.from(chunk.subarray(from)));
  };
}

/** Gives the lines that each chunk completes; a line beyond the limit is cut and says by how much. */
export function createLineSplitter(maxLineBytes: number): (chunk: Buffer) => string[] {
  let lines: string[] = [];
  const split = splitLines(maxLineBytes, {
    onLine: (text, droppedBytes) =>
      lines.push(droppedBytes === 0 ? text : `${text} [… ${droppedBytes} bytes more were cut]`),
  });
  return (chunk) => {
    lines = [];
    split(chunk);
    return lines;
  };
}

/**
 * The same for messages, which are of no use if cut: one beyond the limit is reported once as null, as soon as it is too
 * long, and skipped up to its end.
 */
export function createMessageSplitter(maxLineBytes: number): (chunk: Buffer) => (string | null)[] {
  let messages: (string | null)[] = [];
  const split = splitLines(maxLineBytes, {
    onOverlong: () => messages.push(null),
    onLine: (text, droppedBytes) => {
      if (droppedBytes === 0) messages.push(text);
    },
  });
  return (chunk) => {
    messages = [];
    split(chunk);
    return messages;
  };
}
