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
        /** True if the console shows the included lab, not real appliances. */
        lab: z.boolean(),
        /** True if the host can open a terminal for `appliances.openTerminal`. */
        canOpenTerminal: z.boolean(),
      }),
    ),
};
