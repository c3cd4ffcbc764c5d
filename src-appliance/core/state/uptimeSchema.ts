import { z } from 'zod';
import type { Uptime } from '../licence/moment.ts';

/** A stored uptime. Not in moment.ts, which the login path loads without zod. */
export const uptimeSchema: z.ZodType<Uptime> = z.strictObject({
  bootId: z.string().max(64),
  uptimeMs: z.number().nonnegative(),
});
