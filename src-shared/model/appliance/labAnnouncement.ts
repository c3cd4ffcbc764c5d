import { z } from 'zod';

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
  /** The lab's folder. The lab deletes it when it ends. */
  folder: z.string(),
  seed: z.string(),
});
export type LabAnnouncement = z.infer<typeof labAnnouncementSchema>;
