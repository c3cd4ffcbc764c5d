import { formatPadding } from '../base/padding.ts';

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

const nul = Buffer.from([0]);

/**
 * Passes on a byte stream with each block of NUL bytes replaced by its text, so that padding takes no room
 * from the line. A single NUL inside a line stays.
 */
function replacePadding(pass: (part: Buffer) => void): (chunk: Buffer) => void {
  let padding = 0;
  let isLineStart = true;

  const passText = (part: Buffer) => {
    if (padding > 0) pass(padding === 1 && !isLineStart ? nul : Buffer.from(formatPadding(padding)));
    padding = 0;
    pass(part);
    isLineStart = part[part.length - 1] === lineFeed;
  };
  return (chunk) => {
    let from = 0;
    while (from < chunk.length) {
      if (chunk[from] === 0) {
        padding += 1;
        from += 1;
        continue;
      }
      const next = chunk.indexOf(0, from);
      const to = next === -1 ? chunk.length : next;
      passText(chunk.subarray(from, to));
      from = to;
    }
  };
}

/**
 * Returns the lines that are complete after each chunk. A line that is too long is cut and says how many
 * bytes are missing. Blocks of NUL bytes become their text, e.g. `[300 NUL bytes]`.
 */
export function createLineSplitter(maxLineBytes: number): (chunk: Buffer) => string[] {
  let lines: string[] = [];
  const split = replacePadding(
    splitLines(maxLineBytes, {
      onLine: (text, droppedBytes) =>
        lines.push(droppedBytes === 0 ? text : `${text} [… ${droppedBytes} bytes more were cut]`),
    }),
  );
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
