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
        /** True if the console shows the built-in lab instead of real appliances. */
        lab: z.boolean(),
        /** Whether `appliances.openTerminal` can open a terminal on this computer. */
        canOpenTerminal: z.boolean(),
      }),
    ),
};
