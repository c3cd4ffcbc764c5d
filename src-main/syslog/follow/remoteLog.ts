import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { race } from '../../../src-shared/base/race.ts';
import { secondMs } from '../../../src-shared/base/time.ts';
import { AppError } from '../../../src-shared/errors.ts';
import { systemErrorCode } from '../../../src-shared/node/systemErrorCode.ts';
import type { RemoteProcess } from '../../ssh/types.ts';
import { createFrameDecoder, type FramePart } from './frames.ts';
import { gunzipParts } from './gunzipParts.ts';
import { collectErrors, failureOf } from './scriptErrors.ts';
import { measureSkew, type ClockReading } from './skew.ts';
import { readBadFrame, readFileFrame, readNumber, type Survey } from './survey.ts';

/** The script reports at least every 15 seconds. */
const silenceMs = 60 * secondMs;
/** The script sends at most 4 MiB of text at once, and gzip makes no text much longer. */
const maxChunkBytes = 5 * 1024 * 1024;

type FileName = { device: string; inode: string };
export type FilePlace = FileName & { from: number };

export type ReadEvent =
  /** Bytes of the first (3) or second (4) file, and what the file was after they were read. */
  | {
      kind: 'chunk';
      descriptor: 3 | 4;
      at: number;
      bytes: Buffer;
      wanted: number;
      size: number;
      head: { count: number; hash: string };
      clock: number;
    }
  /** All that was written is sent. `isMissing`: no file has the log's name now. */
  | { kind: 'idle'; clock: number; isMissing: boolean }
  /** The file was read to its end. */
  | { kind: 'end' }
  /** The log has another file now, the file was cut, or it is not there any more: survey again. */
  | { kind: 'changed' };

/** Text of a compressed file, and how it ended. */
export type ArchiveEvent = { kind: 'part'; bytes: Buffer } | { kind: 'end'; isCorrupt: boolean };

/** Reads one appliance's log. All methods reject with LINK_LOST, LOG_UNREADABLE or COMMAND_FAILED. */
export type RemoteLog = {
  survey: (signal: AbortSignal) => Promise<Survey>;
  /** Sends one plain file. */
  read: (file: FilePlace, signal: AbortSignal) => AsyncIterable<ReadEvent>;
  /** Sends the log and what is written to it, and late lines of the file before it, until the stamp changes. */
  follow: (
    places: { log: FilePlace; previous: FilePlace | null; stamp: string },
    signal: AbortSignal,
  ) => AsyncIterable<ReadEvent>;
  /** Sends the text of a compressed file, if it still has the size and time of the survey. */
  readArchive: (
    file: FilePlace & { size: number; modified: number },
    signal: AbortSignal,
  ) => AsyncIterable<ArchiveEvent | { kind: 'changed' }>;
};

const unzip = promisify(gunzip);

async function unpackChunk(bytes: Buffer, isPacked: boolean, length: number): Promise<Buffer> {
  if (!isPacked) return bytes;
  try {
    return await unzip(bytes, { maxOutputLength: length + 1 });
  } catch (cause) {
    throw new AppError('COMMAND_FAILED', 'A part of the log arrived damaged.', { cause });
  }
}

const nameWords = ({ device, inode, from }: FilePlace) => [device, inode, `${from}`];

function readZone(word: string | undefined): number | null {
  const [, sign, hours, minutes] = /^([+-])(\d\d)(\d\d)$/u.exec(word ?? '') ?? [];
  if (sign === undefined) return null;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

export function createRemoteLog(options: {
  /** Starts the script with these arguments: `token`, then a mode. */
  start: (words: readonly string[]) => Promise<RemoteProcess>;
  /** Resolves when reading may go on. While it does not, nothing is read from the channel. */
  mayRead: () => Promise<void>;
  onBytes: (count: number) => void;
  clock: () => number;
}): RemoteLog {
  const { clock } = options;
  async function* readParts(words: readonly string[], signal: AbortSignal): AsyncGenerator<FramePart> {
    const token = randomBytes(16).toString('hex');
    const starting = options.start([token, ...words]);
    const process = await race(starting, { signal }).catch((thrown: unknown) => {
      starting.then(
        (late) => late.kill(),
        () => undefined,
      );
      throw thrown;
    });
    const decoder = createFrameDecoder(token);
    const errors = collectErrors(process.stderr);
    const chunks = process.stdout[Symbol.asyncIterator]();
    try {
      for (;;) {
        await race(options.mayRead(), { signal });
        const next = await race(chunks.next(), {
          signal,
          timeoutMs: silenceMs,
          onTimeout: () => {
            throw new AppError('LINK_LOST', `The appliance sent nothing for ${silenceMs / secondMs} s.`);
          },
        });
        if (next.done === true) break;
        const chunk: unknown = next.value;
        if (!Buffer.isBuffer(chunk)) continue;
        options.onBytes(chunk.length);
        yield* decoder.push(chunk);
      }
      const { exitCode } = await race(process.exited, { signal });
      throw errors.explainEnd(exitCode, decoder.hasStarted());
    } finally {
      process.kill();
    }
  }

  /** Reads frames until one that ends the script. Throws if the script reports that it can't work. */
  async function* readFrames(words: readonly string[], signal: AbortSignal): AsyncGenerator<FramePart> {
    for await (const part of readParts(words, signal)) {
      if (part.kind === 'frame' && part.words[0] === 'fail') throw failureOf(part.words);
      yield part;
    }
  }

  async function* readChunks(words: readonly string[], signal: AbortSignal): AsyncGenerator<ReadEvent> {
    let data: { at: number; wanted: number; isPacked: boolean } | null = null;
    let parts: Buffer[] = [];
    let length = 0;
    for await (const part of readFrames(words, signal)) {
      if (part.kind === 'bytes') {
        length += part.bytes.length;
        if (length > maxChunkBytes) throw new AppError('COMMAND_FAILED', 'A part of the log was too long.');
        parts.push(Buffer.from(part.bytes));
        continue;
      }
      const [name, first, ...rest] = part.words;
      if (name === 'data') {
        data = { at: readNumber(rest[0]), wanted: readNumber(rest[1]), isPacked: rest[2] === 'gzip' };
        parts = [];
        length = 0;
      } else if (name === 'seen' && data !== null) {
        const bytes = await unpackChunk(Buffer.concat(parts), data.isPacked, data.wanted);
        parts = [];
        yield {
          kind: 'chunk',
          descriptor: first === '4' ? 4 : 3,
          at: data.at,
          wanted: data.wanted,
          bytes,
          size: readNumber(rest[1]),
          head: { count: readNumber(rest[2]), hash: rest[4] ?? '' },
          clock: readNumber(rest[3]),
        };
        data = null;
      } else if (name === 'idle' || name === 'beat')
        yield { kind: 'idle', clock: readNumber(first), isMissing: rest[0] === '-' };
      else if (name === 'eof') {
        yield { kind: 'end' };
        return;
      } else if (name === 'moved' || name === 'cut' || name === 'gone') {
        yield { kind: 'changed' };
        return;
      }
    }
  }

  return {
    async survey(signal) {
      const skew = { skewMs: 0, uncertaintyMs: Infinity };
      const survey: Survey = { clock: 0, zoneOffsetMinutes: null, skew, stamp: '', files: [], bad: [] };
      const sentAt = clock();
      const readings: ClockReading[] = [];
      for await (const part of readFrames(['survey'], signal)) {
        if (part.kind === 'bytes') continue;
        const { words } = part;
        if (words[0] === 'hello') {
          survey.zoneOffsetMinutes = readZone(words[4]);
          readings.push({ clock: readNumber(words[3]), sentAt, receivedAt: clock() });
        } else if (words[0] === 'file') survey.files.push(readFileFrame(words));
        else if (words[0] === 'bad') survey.bad.push(readBadFrame(words));
        else if (words[0] === 'done') {
          survey.clock = readNumber(words[1]);
          survey.skew = measureSkew({ clock: survey.clock, sentAt, receivedAt: clock() }, readings);
          survey.stamp = words[2] ?? '';
          break;
        }
      }
      return survey;
    },
    read: (file, signal) => readChunks(['read', 'end', ...nameWords(file)], signal),
    follow: ({ log, previous, stamp }, signal) =>
      readChunks(
        ['read', stamp, ...nameWords(log), ...(previous === null ? [] : nameWords(previous))],
        signal,
      ),
    readArchive: ({ device, inode, size, modified, from }, signal) =>
      unpackArchive(readFrames(['archive', device, inode, `${size}`, `${modified}`, `${from}`], signal)),
  };
}

/** Zlib reports damage with other codes than an end that comes too early. */
const isZlibError = (thrown: unknown) => `${systemErrorCode(thrown) ?? ''}`.startsWith('Z_');

/** Unpacks the text of a compressed file while it arrives. */
async function* unpackArchive(
  frames: AsyncGenerator<FramePart>,
): AsyncGenerator<ArchiveEvent | { kind: 'changed' }> {
  let isPacked = true;
  let isGone = false;
  let status: number | null = null;
  for (;;) {
    const { value, done } = await frames.next();
    if (done === true) return;
    if (value.kind === 'bytes') continue;
    if (value.words[0] === 'gone') isGone = true;
    if (value.words[0] === 'data') isPacked = value.words[4] === 'gzip';
    if (isGone || value.words[0] === 'data') break;
  }
  if (isGone) {
    await frames.return(undefined);
    yield { kind: 'changed' };
    return;
  }
  async function* bytes(): AsyncGenerator<Buffer> {
    for await (const part of frames) {
      if (part.kind === 'bytes') yield part.bytes;
      else if (part.words[0] === 'end') {
        status = Number(part.words[1]);
        return;
      }
    }
  }
  let isDamaged = false;
  try {
    for await (const part of isPacked ? gunzipParts(bytes()) : bytes()) yield { kind: 'part', bytes: part };
  } catch (thrown) {
    if (!isZlibError(thrown)) throw thrown;
    isDamaged = true;
  } finally {
    await frames.return(undefined);
  }
  yield { kind: 'end', isCorrupt: isDamaged || status !== 0 };
}
