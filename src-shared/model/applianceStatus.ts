import { z } from 'zod';
import { instantSchema } from './time.ts';

const text = z.string().max(512);

/** What `ke_status --json` prints **[ours]**. `contract` is the version of all JSON that the kit prints. */
export const applianceStatusSchema = z.object({
  contract: z.literal(1),
  identity: z.object({ id: z.uuid(), hostname: text }),
  versions: z.object({ appliance: text, kit: text, sshd: text.nullable(), os: text.nullable() }),
  clock: z.object({ now: instantSchema, ranBackFrom: instantSchema.nullable() }),
  /** Of a cluster member: where its forwards listen besides loopback. */
  listenAddress: text.optional(),
  uptimeSeconds: z.number().nonnegative(),
  disks: z
    .array(
      z.object({ path: text, totalBytes: z.number().nonnegative(), freeBytes: z.number().nonnegative() }),
    )
    .max(64),
  services: z
    .array(
      z.object({ name: text, state: z.enum(['running', 'stopped', 'unknown']), detail: text.nullable() }),
    )
    .max(64),
  logs: z.object({ syslog: text }),
});
export type ApplianceStatus = z.infer<typeof applianceStatusSchema>;
