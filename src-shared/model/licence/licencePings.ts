import { z } from 'zod';
import { formatInstant, instantSchema } from '../../base/time.ts';

/** What an appliance in connected mode knows about its licence pings **[ours]**. */
export const licencePingsSchema = z.object({
  /** When a ping was last tried, and last sent with success. */
  triedAt: instantSchema.nullable(),
  sentAt: instantSchema.nullable(),
  /** How many in a row have failed, and why the last one did. */
  failures: z.int().nonnegative(),
  problem: z.string().max(512).nullable(),
  nextAt: instantSchema,
});
export type LicencePings = z.infer<typeof licencePingsSchema>;

/** From so many failures in a row, the missing pings are a problem of the appliance **[ours]**. */
export const maxPingFailures = 3;

/** The pings in one sentence. */
export function describePings({ sentAt, failures, problem, nextAt }: LicencePings): string {
  const sent = sentAt === null ? 'none sent yet' : `last sent ${formatInstant(sentAt)}`;
  const failed =
    problem === null
      ? ''
      : `; ${failures === 1 ? 'the last one' : `${failures} in a row`} failed: ${problem}`;
  return `${sent}${failed}; next ${formatInstant(nextAt)}`;
}
