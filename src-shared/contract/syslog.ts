import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { syslogLineSchema } from '../model/syslog/syslogLine.ts';
import { instantSchema } from '../base/time.ts';
import { nothing, procedure } from './procedure.ts';

/** A log that can't be read now; `reason` is a sentence that says why, and what to do if that is known. */
export const logTroubleSchema = z.object({ applianceId: z.uuid(), reason: z.string(), since: instantSchema });
export type LogTrouble = z.infer<typeof logTroubleSchema>;

/** Lines that arrived together. `dropped` counts those the reader was too slow for; they are older than `lines`. */
export const syslogBatchSchema = z.object({
  streamId: z.uuid(),
  batch: z.int().nonnegative(),
  lines: z.array(syslogLineSchema),
  dropped: z.int().nonnegative(),
  linesPerSecond: z.number().nonnegative(),
  /** Of the appliances of this stream; a batch without lines is sent when it changes. */
  unreadable: z.array(logTroubleSchema),
});
export type SyslogBatch = z.infer<typeof syslogBatchSchema>;

export const syslogContract = {
  /**
   * The last `lines` lines of each appliance, then what arrives. Main sends at most eight batches ahead of `ack`;
   * beyond that it keeps a bounded buffer and counts what it had to drop.
   */
  tail: procedure('viewer')
    .input(
      z.strictObject({ applianceIds: z.array(z.uuid()).min(1).max(100), lines: z.int().min(0).max(10_000) }),
    )
    .output(eventIterator(syslogBatchSchema)),

  /** The page has taken in everything up to and including `batch`. */
  ack: procedure('viewer')
    .input(z.strictObject({ streamId: z.uuid(), batch: z.int().nonnegative() }))
    .output(nothing),
};
