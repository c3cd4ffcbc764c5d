import { z } from 'zod';
import { nothing, procedure, roleSchema } from './procedure.ts';

export const systemContract = {
  about: procedure('viewer')
    .input(nothing)
    .output(
      z.object({
        version: z.string(),
        host: z.enum(['desktop', 'web']),
        operator: z.string(),
        role: roleSchema,
        /** True when the console shows the lab that came with it, not appliances of one's own. */
        lab: z.boolean(),
      }),
    ),
};
