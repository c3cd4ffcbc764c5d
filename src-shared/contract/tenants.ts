import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { deploymentNames } from '../model/connectYaml/deployments.ts';
import { tunnelSchema } from '../model/tunnels/chain.ts';
import { clientIdSchema } from '../model/tenants/clientId.ts';
import { tenantSchema } from '../model/tenants/remoteNetworks.ts';
import { tenantActionSchema, tenantOutcomeSchema, tenantPlanSchema } from '../model/tenants/tenantPlan.ts';
import { instantSchema } from '../base/time.ts';
import { procedure } from './procedure.ts';

/** Where a tenant of a cluster is, and what its members do not agree on. */
export const tenantClusterSchema = z.object({
  name: z.string(),
  members: z.array(
    z.object({
      applianceId: z.uuid(),
      applianceName: z.string(),
      state: z.enum(['here', 'absent', 'unknown']),
      sessions: z.int(),
    }),
  ),
  /** Sentences; empty where all agree. */
  disagreements: z.array(z.string()),
});
export type TenantCluster = z.infer<typeof tenantClusterSchema>;

export const tenantViewSchema = z.object({
  applianceId: z.uuid(),
  applianceName: z.string(),
  observedAt: instantSchema,
  tenant: tenantSchema,
  /** Judged by the console; never empty. */
  tunnels: z.array(tunnelSchema).min(1),
  /** Null where the appliance is in no cluster. In a cluster the view is that of the member with the session. */
  cluster: tenantClusterSchema.nullable(),
  /** The quota it had before it was suspended, as far as this console saw it. */
  quotaBefore: z.int().positive().nullable(),
});
export type TenantView = z.infer<typeof tenantViewSchema>;

/** Free words for the audit trail: why, or a ticket's number. */
export const reasonSchema = z.string().trim().min(1, 'a reason is needed').max(500);

const applied = z.strictObject({
  applianceId: z.uuid(),
  action: tenantActionSchema,
  /** Of the plan that was looked at: another value on the appliance is CONFLICT, and nothing runs. */
  basis: instantSchema.nullable(),
  reason: reasonSchema,
  /** Must be the tenant's name where the plan asks for it. */
  typedName: z.string().max(256).nullable(),
});

export const tenantsContract = {
  /** The last known tenants of one appliance, or of all; sorted by appliance, then tenant. Each once in a cluster when all are asked for. */
  list: procedure('viewer')
    .input(z.strictObject({ applianceId: z.uuid().nullable() }))
    .output(z.object({ tenants: z.array(tenantViewSchema) })),

  /**
   * Asks the appliance now and says what would happen; changes nothing. Rejects with NOT_FOUND, ALREADY_EXISTS,
   * INVALID_INPUT (bad key, quota that fits nowhere), LINK_NOT_READY.
   */
  plan: procedure('operator')
    .input(z.strictObject({ applianceId: z.uuid(), action: tenantActionSchema }))
    .output(z.object({ plan: tenantPlanSchema })),

  /**
   * Runs it. Rejects where nothing was changed: CONFLICT (detail: what changed meanwhile), INVALID_INPUT (name typed
   * wrongly), LICENCE_FORBIDS, BUSY, UPLOAD_FAILED … Resolves otherwise, also where the link was cut half-way.
   */
  apply: procedure('operator')
    .input(applied)
    .output(z.object({ outcome: tenantOutcomeSchema })),

  /** Adds many, one after the other, with the given public keys. Stops at the first that fails; yields one event a row. */
  addMany: procedure('operator')
    .input(
      z.strictObject({
        applianceId: z.uuid(),
        reason: reasonSchema,
        rows: z
          .array(
            z.strictObject({
              clientId: clientIdSchema,
              publicKey: z.string().max(16 * 1024),
              quota: z.int().min(1).max(3000).nullable(),
            }),
          )
          .min(1)
          .max(200),
      }),
    )
    .output(
      eventIterator(
        z.object({
          index: z.int().nonnegative(),
          clientId: z.string(),
          outcome: tenantOutcomeSchema,
        }),
      ),
    ),

  /** Files for a new tenant's site; nothing secret is among them. */
  handOver: procedure('operator')
    .input(
      z.strictObject({
        applianceId: z.uuid(),
        clientId: clientIdSchema,
        /** How the tenant's site reaches the appliance, `host:port`. */
        address: z.string().min(1).max(300),
        runs: z.enum(deploymentNames),
        repositories: z
          .array(
            z.strictObject({
              group: z.string().min(1).max(128),
              repository: z.string().min(1).max(128),
              uri: z.string().min(1).max(2000),
            }),
          )
          .max(3000),
      }),
    )
    .output(
      z.object({
        files: z.array(z.object({ name: z.string(), text: z.string(), sha256: z.string() })),
        /** All of them as one ZIP archive, base64. */
        archive: z.object({ name: z.string(), base64: z.string() }),
      }),
    ),
};
