import { z } from 'zod';

/** Where a kept line stands in the merged order of all sources. `sort` is its time by the console's clock, epoch milliseconds. */
export const lineKeySchema = z.object({
  sort: z.number(),
  /** Of lines of the same time, those of the source of a smaller rank come first. */
  rank: z.number(),
  source: z.int(),
  line: z.number(),
});
export type LineKey = z.infer<typeof lineKeySchema>;

/** Negative if `left` is older. */
export function compareLineAge(left: LineKey, right: LineKey): number {
  return (
    left.sort - right.sort || left.rank - right.rank || left.source - right.source || left.line - right.line
  );
}

/** The key after all lines of this time. */
export function keyAfter(time: number): LineKey {
  return { sort: time, rank: Number.MAX_SAFE_INTEGER, source: 0, line: 0 };
}

/** A line's lasting address: a source is one generation of a log file. */
export const lineAddressSchema = z.object({ source: z.int(), line: z.int().nonnegative() });
export type LineAddress = z.infer<typeof lineAddressSchema>;

/**
 * A line as it is kept, without its line end. `parseSyslogLine` reads it with `receivedAt` and `zoneOffsetMinutes`. `skewMs`:
 * how far the appliance's clock was ahead of the console's; `skewErrorMs`: how far that may be off, missing if not known.
 */
export const keptLineSchema = z.object({
  key: lineKeySchema,
  applianceId: z.string(),
  text: z.string(),
  receivedAt: z.number(),
  zoneOffsetMinutes: z.number(),
  skewMs: z.number(),
  skewErrorMs: z.number().nullable().optional(),
  /** Whether it is the rest of a line that is too long. */
  isContinuation: z.boolean(),
});
export type KeptLine = z.infer<typeof keptLineSchema>;

export const keptGapReasons = ['deleted', 'truncated', 'unreadable', 'corrupt', 'no-unpacker'] as const;

/** Lines that can't be had. `key` is where they are missing; times are epoch milliseconds. */
export const keptGapSchema = z.object({
  id: z.string(),
  key: lineKeySchema,
  applianceId: z.string(),
  reason: z.enum(keptGapReasons),
  text: z.string(),
  /** The file, as the appliance numbers it; null if it is not known any more. */
  file: z.object({ device: z.string(), inode: z.string() }).nullable(),
  fromByte: z.number(),
  toByte: z.number().nullable(),
  since: z.number().nullable(),
  until: z.number(),
});
export type KeptGap = z.infer<typeof keptGapSchema>;
