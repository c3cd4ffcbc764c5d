import { AppError } from '../../../src-shared/errors.ts';

/**
 * A part of the output of `followScript.ts`: the words of a frame, or bytes that belong to the frame before them.
 * `\n@MARK WORDS\n` begins a frame.
 */
export type FramePart = { kind: 'frame'; words: string[] } | { kind: 'bytes'; bytes: Buffer };

/** The text of a start-up file of the login shell may come first **[ours]**. */
const maxGarbageBytes = 1024 * 1024;
/** The head of a file is written as 2,048 digits. */
const maxFrameBytes = 8 * 1024;

const markPattern = /^[0-9a-f]{32}$/u;

function garbled(what: string): AppError {
  return new AppError('COMMAND_FAILED', `The command that reads the log printed ${what}.`);
}

function delimiterOf(mark: string): Buffer {
  return Buffer.from(`\n@${mark} `);
}

/**
 * Splits the script's output into frames, in bounded memory. Skips what comes before the frame `hello`, which begins
 * with `token` and names the mark of all later frames. Throws COMMAND_FAILED for output that has no such form.
 */
export function createFrameDecoder(token: string) {
  let delimiter = delimiterOf(token);
  let held: Buffer = Buffer.alloc(0);
  let garbage = 0;
  let hasStarted = false;
  let isInFrame = false;

  function takeFrame(): string[] | null {
    const end = held.indexOf(0x0a);
    if ((end === -1 ? held.length : end) > maxFrameBytes) throw garbled('a line that is too long');
    if (end === -1) return null;
    const words = held.subarray(0, end).toString('latin1').split(' ');
    held = held.subarray(end + 1);
    isInFrame = false;
    if (hasStarted) return words;
    const [name, version, mark = ''] = words;
    if (name !== 'hello' || version !== '1' || !markPattern.test(mark)) throw garbled('an unknown greeting');
    delimiter = delimiterOf(mark);
    hasStarted = true;
    return words;
  }

  /** Takes the bytes before the next frame, and keeps back what may be the beginning of one. */
  function takeBytes(): Buffer {
    // The line end that begins a frame may also end the line of the frame before it.
    const at = held.indexOf(delimiter);
    const bytes = held.subarray(0, at === -1 ? Math.max(0, held.length - delimiter.length + 1) : at);
    held = held.subarray(at === -1 ? bytes.length : at + delimiter.length);
    isInFrame = at !== -1;
    return bytes;
  }

  function* take(): Generator<FramePart> {
    for (;;) {
      if (isInFrame) {
        const words = takeFrame();
        if (words === null) return;
        yield { kind: 'frame', words };
        continue;
      }
      const bytes = takeBytes();
      if (hasStarted && bytes.length > 0) yield { kind: 'bytes', bytes };
      if (!hasStarted && (garbage += bytes.length) > maxGarbageBytes)
        throw garbled('too much text before the log');
      if (!isInFrame) return;
    }
  }

  return {
    hasStarted: () => hasStarted,
    *push(chunk: Buffer): Generator<FramePart> {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      yield* take();
      // A copy, so that a short rest doesn't keep a large chunk in memory.
      held = Buffer.from(held);
    },
  };
}
