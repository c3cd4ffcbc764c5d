import { z } from 'zod';
import { instantSchema } from '../../base/time.ts';

/** The version of these lines. An appliance that prints another one is polled instead **[ours]**. */
export const watchVersion = 1;

/** While nothing changes, the appliance says this often that what it said last still holds **[ours]**. */
export const aliveEveryMs = 4000;

/** The largest line: twice a list of 3,000 forwards **[ours]**. */
export const maxWatchLine = 8 * 1024 * 1024;

/** A field's value is checked with its part, see `watchedParts.ts`. */
const fields = z.record(z.string(), z.unknown());
const parts = z.record(z.string(), fields);

/** `revision` grows by one with each change. `epoch` names the process that counts them. */
const position = { epoch: z.string().max(64), revision: z.int().nonnegative() };
/**
 * When this held: by the appliance's clock, and in milliseconds and seconds of clocks that a change of its time does not
 * affect. With `ms` the console knows how long a line was on its way.
 */
const seen = z.object({
  ms: z.number().nonnegative(),
  now: instantSchema,
  uptimeSeconds: z.number().nonnegative(),
  /** When the line was written, by the clock of `ms`: a look takes a while. */
  sentMs: z.number().nonnegative(),
});
export type Seen = z.infer<typeof seen>;

/**
 * What `ke_watch --json` prints, one line each **[ours]**: a snapshot, or `resumed` if the appliance still knows the
 * changes since the stated position; then changes, and `alive` while there are none.
 */
export const watchLineSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('snapshot'), version: z.literal(watchVersion), ...position, seen, parts }),
  z.object({ type: z.literal('resumed'), version: z.literal(watchVersion), ...position, seen }),
  z.object({
    type: z.literal('change'),
    revision: position.revision,
    seen,
    /** New values of fields, by part. A part that was not there is new. */
    set: parts,
    /** Fields that are gone, by part. */
    unset: z.record(z.string(), z.array(z.string())),
    /** Parts that are gone. */
    gone: z.array(z.string()),
  }),
  z.object({ type: z.literal('alive'), revision: position.revision, seen }),
]);
export type WatchLine = z.infer<typeof watchLineSchema>;
export type WatchPosition = Pick<Extract<WatchLine, { type: 'snapshot' }>, 'epoch' | 'revision'>;
export type WatchChange = Pick<Extract<WatchLine, { type: 'change' }>, 'set' | 'unset' | 'gone'>;

/** The argument of `ke_watch --since`. */
export const formatPosition = ({ epoch, revision }: WatchPosition): string => `${epoch}:${revision}`;

const positionPattern = /^([0-9a-f-]{1,64}):(\d{1,15})$/u;

/** Null if the text is no position. */
export function parsePosition(text: string): WatchPosition | null {
  const [, epoch, revision] = positionPattern.exec(text) ?? [];
  return epoch === undefined ? null : { epoch, revision: Number(revision) };
}
