const lineFeed = 0x0a;

/**
 * Splits a byte stream into lines without line ends, in bounded memory: drops and counts the bytes of a line
 * after `maxLineBytes`. Calls `onOverlong` when a line exceeds the limit, and `onLine` at its end. Invalid
 * UTF-8 becomes U+FFFD.
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
    // Copy the rest, because a slice would keep the whole chunk in memory.
    if (from < chunk.length) keep(Buffer.from(chunk.subarray(from)));
  };
}

/**
 * Returns the lines that are complete after each chunk. A line that is too long is cut and says how many
 * bytes are missing.
 */
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
 * Like `createLineSplitter`, for messages, which are useless if cut. A message that is too long is skipped,
 * and null is returned once instead, as soon as the limit is exceeded.
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
