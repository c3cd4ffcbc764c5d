import { z } from 'zod';
import {
  configurationDigestSchema,
  configurationOutputSchema,
  configurationShowSchema,
} from '../model/configuration/configurationCommands.ts';
import { maxConfigurationBytes } from '../model/configuration/configurationLimits.ts';
import { instantSchema } from '../base/time.ts';
import { procedure } from './procedure.ts';
import { reasonSchema } from '../model/audit/reason.ts';

const byAppliance = z.strictObject({ applianceId: z.uuid() });
/** The candidate. A mask keeps the present secret; the appliance restores it. */
const candidateSchema = byAppliance.extend({
  text: z.string().max(maxConfigurationBytes),
  /** The content that the candidate was made from. The appliance refuses if it has another one. */
  unchangedSince: configurationDigestSchema,
});

/** What the appliance had after a change. `unknown`: it could not be read back. */
const readBackSchema = z.enum(['same', 'rolled-back', 'different', 'unknown']);
const changedSchema = z.object({ output: configurationOutputSchema, readBack: readBackSchema });
export type ConfigurationChanged = z.infer<typeof changedSchema>;

/**
 * The configuration of an appliance. Secrets arrive masked by the appliance. The console stores no configuration file. A
 * renewal keeps the values that an answer may change, with masks for secrets.
 * Rejects with COMMAND_MISSING if the kit is too old, and with NOT_FOUND if the appliance has no configuration file.
 */
export const configurationContract = {
  /** The present configuration, or a kept version of it. */
  show: procedure('viewer')
    .input(byAppliance.extend({ version: z.int().positive().nullable().default(null) }))
    .output(z.object({ shown: configurationShowSchema, readAt: instantSchema })),
  /** Asks the appliance what a candidate would change. Changes nothing. Also resolves if it is refused. */
  check: procedure('operator')
    .input(candidateSchema)
    .output(z.object({ output: configurationOutputSchema })),
  /** Applies a candidate, reads it back, and rolls back if the read-back differs. */
  apply: procedure('admin')
    .input(candidateSchema.extend({ reason: reasonSchema }))
    .output(changedSchema),
  /** Installs a kept version again. */
  rollBack: procedure('admin')
    .input(
      byAppliance.extend({
        number: z.int().positive(),
        unchangedSince: configurationDigestSchema,
        reason: reasonSchema,
      }),
    )
    .output(changedSchema),
};
