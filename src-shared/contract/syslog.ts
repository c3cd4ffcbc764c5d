import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { syslogLineSchema } from '../model/syslog/syslogLine.ts';
import { instantSchema } from '../base/time.ts';
import { nothing, procedure } from './procedure.ts';

/** A log that can't be read now. `reason` is a sentence with the cause and the fix, if known. */
export const logTroubleSchema = z.object({ applianceId: z.uuid(), reason: z.string(), since: instantSchema });
export type LogTrouble = z.infer<typeof logTroubleSchema>;

/** Lines that arrived together. `dropped` counts older lines that were lost because the reader was too slow. */
export const syslogBatchSchema = z.object({
  streamId: z.uuid(),
  batch: z.int().nonnegative(),
  lines: z.array(syslogLineSchema),
  dropped: z.int().nonnegative(),
  linesPerSecond: z.number().nonnegative(),
  /**
   * Logs of this stream that can't be read. When this list changes, a batch is sent even without lines.
   */
  unreadable: z.array(logTroubleSchema),
  /** Rows of gaps that were sent before and are over, because their lines were read after all. */
  removed: z.array(z.object({ applianceId: z.uuid(), seq: z.int().nonnegative() })).optional(),
});
export type SyslogBatch = z.infer<typeof syslogBatchSchema>;

export const syslogContract = {
  /**
   * The last `lines` lines of each appliance, then new lines. At most eight batches are sent before the page
   * acknowledges them with `ack`; further lines go to a bounded buffer, and lines that don't fit are counted
   * as dropped.
   */
  tail: procedure('viewer')
    .input(
      z.strictObject({ applianceIds: z.array(z.uuid()).min(1).max(100), lines: z.int().min(0).max(10_000) }),
    )
    .output(eventIterator(syslogBatchSchema)),

  /** The page has processed all batches up to `batch`. */
  ack: procedure('viewer')
    .input(z.strictObject({ streamId: z.uuid(), batch: z.int().nonnegative() }))
    .output(nothing),
};
