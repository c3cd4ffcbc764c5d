import { z } from 'zod';
import { keptGapReasons, type KeptGap } from '../keptLine.ts';

/** Lines that an export lacks, although its range has them: bytes of a file on an appliance, written between two times. */
export const exportedGapSchema = z.object({
  appliance: z.string(),
  reason: z.enum(keptGapReasons),
  /** The name or message that the appliance gave. */
  text: z.string(),
  file: z.object({ device: z.string(), inode: z.string() }).nullable(),
  fromByte: z.number(),
  toByte: z.number().nullable(),
  since: z.string().nullable(),
  until: z.string(),
});
export type ExportedGap = z.infer<typeof exportedGapSchema>;

/** A gap with times as instants. */
export function readExportedGap(gap: KeptGap, appliance: string): ExportedGap {
  const { reason, text, file, fromByte, toByte, since, until } = gap;
  return {
    appliance,
    reason,
    text,
    file,
    fromByte,
    toByte,
    since: since === null ? null : new Date(since).toISOString(),
    until: new Date(until).toISOString(),
  };
}
