import { z } from 'zod';
import { keptGapReasons } from '../../../src-shared/model/syslog/keptLine.ts';

/** How many of a file's first bytes identify it, and how many bytes before a position prove that it still holds. */
export const maxHeadBytes = 1024;
export const maxAnchorBytes = 256;

const count = z.number().int().min(0);
const base64 = z.base64();

/**
 * What is known of one file of a log, from its creation through all its renames, copies and compression, as the sink
 * keeps it. Offsets count the bytes of the uncompressed file.
 */
export const logSourceSchema = z.object({
  /** Stays for ever. */
  id: z.string(),
  /** Device and inode when it was found. A copy and a compressed file have others. */
  device: z.string(),
  inode: z.string(),
  /** Its first bytes, at most `maxHeadBytes`. They grow with a short file. */
  head: base64,
  /** The first byte that is kept or will be. */
  start: count,
  /**
   * Another source of the same file begins with the first line that begins here or later. Null: this one goes on to the
   * end of the file.
   */
  end: count.nullable(),
  /** Everything from `start` to before this is kept. */
  offset: count,
  /** The kept bytes just before `offset`, at most `maxAnchorBytes`. */
  anchor: base64,
  /** Sorts the sources of an appliance: the lines of a smaller one were written earlier. */
  order: z.number(),
  /** Whether nothing more will be read of it. */
  isComplete: z.boolean(),
  /** The skew by which the times of its newest lines were corrected. */
  skewMs: z.number().optional(),
});
export type LogSource = z.infer<typeof logSourceSchema>;

/** Lines that can't be had, or can't be had now. A gap that is added again has the same `id`. */
const logGapSchema = z.object({
  applianceId: z.string(),
  id: z.string(),
  /** The gap comes behind the lines of this source. Null: behind all sources whose order is smaller. */
  sourceId: z.string().nullable(),
  order: z.number(),
  /** Bytes of the file. Null: not known. */
  fromByte: count,
  toByte: count.nullable(),
  reason: z.enum(keptGapReasons),
  /** The name or message that the appliance gave. */
  text: z.string(),
  /** Epoch milliseconds: nothing was read of this between these times. `since` is null if nothing was ever read. */
  since: z.number().nullable(),
  until: z.number(),
});
export type LogGap = z.infer<typeof logGapSchema>;

/** Reads a gap as the store keeps it. */
export const readGap = (json: string): LogGap => logGapSchema.parse(JSON.parse(json));

/**
 * Bytes of one source: whole lines with their line ends. There are two exceptions. The last line of a complete source
 * may have no line end. A line of more than `maxPieceBytes` (`sourceReader.ts`) comes in several batches, and only the
 * last one has a line end. Without bytes, only `source` changes.
 */
export type LogBatch = {
  applianceId: string;
  /** The source as it is after this batch. Its `offset` is `to`. */
  source: LogSource;
  from: number;
  to: number;
  bytes: Buffer;
  /** Epoch milliseconds of this computer. */
  receivedAt: number;
  /** The appliance's clock: minutes east of UTC, and how far it is ahead of this computer's clock. */
  zoneOffsetMinutes: number | null;
  skewMs: number | null;
  /** How far the skew may be off; null if that is not known. */
  skewErrorMs?: number | null;
};

/** Where the lines go. Each call resolves once its data is kept, in one transaction, and rejects if that failed. */
export type LogSink = {
  /** All sources of the appliance. */
  positions: (applianceId: string) => Promise<readonly LogSource[]>;
  /** Whether lines are kept, so that older ones are worth reading. Otherwise they are only shown. */
  keeps: () => boolean;
  /** `isOlder`: newer lines were read before. Rejects with `SinkChanged` if the positions are others than before. */
  append: (batch: LogBatch, how: { isOlder: boolean }) => Promise<void>;
  /** `source` is the state of the gap's source after it, if it has one. */
  addGap: (gap: LogGap, source: LogSource | null) => Promise<void>;
  /** The gaps of the appliance that are kept. */
  gaps: (applianceId: string) => Promise<readonly LogGap[]>;
  /** Their lines were read after all, or nothing was missing. */
  removeGaps: (applianceId: string, ids: readonly string[]) => Promise<void>;
};

/** The sink begins or ends to keep what it is given: ask for its positions again, and go on from there. */
export class SinkChanged extends Error {}
