import { AppError } from '../../../src-shared/errors.ts';
import type { LogSource } from './logSource.ts';
import { isShortCopy, type PlannedRead } from './plan.ts';
import type { ReadEvent, RemoteLog } from './remoteLog.ts';
import { createSourceReader, type Piece, type SourceReader } from './sourceReader.ts';

/** What the reading of files needs from the follower. */
export type ReadContext = {
  log: RemoteLog;
  signal: AbortSignal;
  /** The source as it is kept now. */
  current: (source: LogSource) => LogSource;
  keep: (piece: Piece) => Promise<void>;
  /** The file doesn't hold the lines of the source. */
  exclude: (read: PlannedRead) => void;
  addCorruptGap: (source: LogSource) => Promise<void>;
};

type Outcome = 'done' | 'changed';
type Chunk = Extract<ReadEvent, { kind: 'chunk' }>;

export function createReaderOf(context: ReadContext, read: PlannedRead): SourceReader {
  return createSourceReader(context.current(read.source), read.file.head);
}

async function keepBytes(
  context: ReadContext,
  call: { read: PlannedRead; reader: SourceReader; bytes: Buffer },
): Promise<Outcome> {
  const pieces = call.reader.push(call.bytes);
  if (pieces === null) {
    context.exclude(call.read);
    return 'changed';
  }
  for (const piece of pieces) await context.keep(piece);
  return 'done';
}

/** Keeps the lines of a chunk, unless the file was cut or replaced while it was read. */
export async function keepChunk(
  context: ReadContext,
  call: { read: PlannedRead; reader: SourceReader; chunk: Chunk },
): Promise<Outcome> {
  const { reader, chunk } = call;
  const { at, bytes, wanted, size, head } = chunk;
  if (at !== reader.position())
    throw new AppError('COMMAND_FAILED', 'A part of the log arrived out of order.');
  if (size < at + wanted || !reader.hasHead(head.count, head.hash, bytes)) return 'changed';
  if (bytes.length !== wanted)
    throw new AppError(
      'LOG_UNREADABLE',
      'The log can’t be read: the appliance can’t read its file to the end.',
    );
  return keepBytes(context, { ...call, bytes });
}

async function readPlain(context: ReadContext, read: PlannedRead): Promise<Outcome> {
  const reader = createReaderOf(context, read);
  const { device, inode, size } = read.file;
  if (isShortCopy(read)) {
    await context.keep(reader.finish());
    return 'done';
  }
  const place = { device, inode, from: reader.readFrom };
  for await (const event of context.log.read(place, context.signal)) {
    if (event.kind === 'changed') return 'changed';
    if (event.kind === 'end') {
      // A plain file only grows, so this is another one with the same inode.
      if (reader.position() < size) return 'changed';
      // The end of the file is also the end of a source that should have ended before.
      if (read.isFinal) await context.keep(reader.finish());
      return 'done';
    }
    if (event.kind !== 'chunk') continue;
    if ((await keepChunk(context, { read, reader, chunk: event })) === 'changed') return 'changed';
    if (reader.isDone()) break;
  }
  await context.keep(reader.finish());
  return 'done';
}

async function readArchive(context: ReadContext, read: PlannedRead): Promise<Outcome> {
  const reader = createReaderOf(context, read);
  const { device, inode, size, modified } = read.file;
  const place = { device, inode, size, modified, from: reader.readFrom };
  for await (const event of context.log.readArchive(place, context.signal)) {
    if (event.kind === 'changed') return 'changed';
    if (event.kind === 'end') {
      await context.keep(reader.finish());
      if (event.isCorrupt) await context.addCorruptGap(reader.source());
      return 'done';
    }
    if ((await keepBytes(context, { read, reader, bytes: event.bytes })) === 'changed') return 'changed';
    if (reader.isDone()) break;
  }
  await context.keep(reader.finish());
  return 'done';
}

/** Reads a file from where its source ends. `changed`: survey again. */
export async function readFile(context: ReadContext, read: PlannedRead): Promise<Outcome> {
  if (context.current(read.source).isComplete) return 'done';
  return read.file.packing === 'plain' ? readPlain(context, read) : readArchive(context, read);
}
