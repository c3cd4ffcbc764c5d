import { z } from 'zod';
import { sides } from '../tunnels/tunnelCodes/tunnelCode.ts';

/** The one line of JSON that a lab prints when it is ready **[ours]**. */
export const labAnnouncementSchema = z.object({
  appliances: z.array(
    z.object({
      name: z.string(),
      host: z.string(),
      port: z.int(),
      user: z.string(),
      identityFile: z.string(),
      hostKeySha256: z.string(),
      group: z.string(),
      description: z.string(),
      version: z.string(),
      tenants: z.array(z.string()),
    }),
  ),
  authority: z.object({
    url: z.string(),
    /** For `sallyport-authority --data`. */
    folder: z.string(),
    /** The certificate that the appliances trust. */
    caFile: z.string(),
    /** Names of the appliances that reach the authority, and of those that don't. */
    connected: z.array(z.string()),
    offline: z.array(z.string()),
  }),
  /** The faults that the lab causes, with the code that the console shows. */
  faults: z.array(
    z.object({
      name: z.string(),
      summary: z.string(),
      code: z.string(),
      side: z.enum(sides),
      appliance: z.string(),
      /** Null if the fault is of the appliance itself. */
      clientId: z.string().nullable(),
    }),
  ),
  /** The lab's folder. The lab deletes it when it ends. */
  folder: z.string(),
  seed: z.string(),
});
export type LabAnnouncement = z.infer<typeof labAnnouncementSchema>;
