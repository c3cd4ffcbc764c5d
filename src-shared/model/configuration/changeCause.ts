import { z } from 'zod';

export const maxCauseName = 128;
/** As long as a reason in the audit trail may be. */
export const maxCauseReason = 500;

/**
 * Who made a change on an appliance, and why. `account`: as the appliance saw it, e.g. `ubuntu via sudo`. The name and the
 * reason are what the command was given, or null; the appliance can't verify them.
 */
export const changeCauseSchema = z.object({
  account: z.string().max(256),
  name: z.string().max(maxCauseName).nullable(),
  reason: z.string().max(maxCauseReason).nullable(),
});
export type ChangeCause = z.infer<typeof changeCauseSchema>;
