import { z } from 'zod';

/** The lab's first line, as far as the tests need it. */
export const labSchema = z.object({
  appliances: z.array(
    z.object({
      name: z.string(),
      host: z.string(),
      port: z.int(),
      user: z.string(),
      identityFile: z.string(),
      hostKeySha256: z.string(),
      group: z.string().default(''),
      description: z.string().default(''),
    }),
  ),
});
export type LabAppliance = z.input<typeof labSchema>['appliances'][number];
