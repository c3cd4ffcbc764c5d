import { z } from 'zod';

/** What a watch rule raised: when, in epoch milliseconds, on which appliance, and its text. */
export const raisedAlertSchema = z.strictObject({
  at: z.number(),
  applianceId: z.string(),
  text: z.string(),
});
export type RaisedAlert = z.infer<typeof raisedAlertSchema>;
