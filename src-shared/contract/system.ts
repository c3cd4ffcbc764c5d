import { z } from 'zod';
import { trustSchema } from '../model/trust/trust.ts';
import { policyNoticeSchema, policySchema } from '../model/policy/policy.ts';
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
        /** The upload page of the lab's licence authority. Null outside the lab. */
        labAuthority: z.url({ protocol: /^https$/u }).nullable(),
        /** Whether `appliances.openTerminal` can open a terminal on this computer. */
        canOpenTerminal: z.boolean(),
      }),
    ),

  /**
   * The managed policy of this computer. A change of its file is reported as a change of the policy. `notice` is for every
   * page; null if the file is right.
   */
  policy: procedure('viewer')
    .input(nothing)
    .output(policySchema.extend({ notice: policyNoticeSchema.nullable() })),

  /** What a security officer asks about this program, as it is now. Connects to nothing. */
  trust: procedure('viewer').input(nothing).output(trustSchema),

  /** The notices of third-party software. Throws NOT_FOUND if this program was not built. */
  notices: procedure('viewer')
    .input(nothing)
    .output(z.object({ text: z.string() })),
};
