import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { deploymentNames } from '../model/connectYaml/deployments.ts';
import { tunnelSchema } from '../model/tunnels/chain.ts';
import { clientIdSchema } from '../model/tenants/clientId.ts';
import { tenantSchema } from '../model/tenants/remoteNetworks.ts';
import { tenantActionSchema, tenantOutcomeSchema, tenantPlanSchema } from '../model/tenants/tenantPlan.ts';
import { instantSchema } from '../base/time.ts';
import { keptTenantNoteSchema, tenantNoteSchema } from '../model/tenants/tenantNote.ts';
import { nothing, procedure } from './procedure.ts';

/** The member that has a tenant's session, and the differences between members. */
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
  /** Sentences; empty if all members agree. */
  disagreements: z.array(z.string()),
});
export type TenantCluster = z.infer<typeof tenantClusterSchema>;

export const tenantViewSchema = z.object({
  applianceId: z.uuid(),
  applianceName: z.string(),
  observedAt: instantSchema,
  tenant: tenantSchema,
  /** Diagnosed by the console; never empty. */
  tunnels: z.array(tunnelSchema).min(1),
  /** Null outside a cluster. In a cluster, the view comes from the member with the session. */
  cluster: tenantClusterSchema.nullable(),
  /** The quota before the suspension, if this console saw it. */
  quotaBefore: z.int().positive().nullable(),
});
export type TenantView = z.infer<typeof tenantViewSchema>;

/** Free text for the audit trail: a reason or a ticket number. */
export const reasonSchema = z.string().trim().min(1, 'enter a reason').max(500);

const applied = z.strictObject({
  applianceId: z.uuid(),
  action: tenantActionSchema,
  /** The basis of the shown plan. If the tenant has changed since, `apply` rejects with CONFLICT and runs nothing. */
  basis: instantSchema.nullable(),
  reason: reasonSchema,
  /** Must be the tenant's name if the plan requires it. */
  typedName: z.string().max(256).nullable(),
});

const tenantRefSchema = z.strictObject({ applianceId: z.uuid(), clientId: clientIdSchema });

export const tenantsContract = {
  /** The last known tenants of one appliance, or of all with each cluster tenant once; sorted by appliance, tenant. */
  list: procedure('viewer')
    .input(z.strictObject({ applianceId: z.uuid().nullable() }))
    .output(z.object({ tenants: z.array(tenantViewSchema) })),

  /**
   * Reads the appliance now and returns what would happen, without a change. Rejects with NOT_FOUND, ALREADY_EXISTS,
   * INVALID_INPUT (invalid key, no room for the quota), LINK_NOT_READY.
   */
  plan: procedure('operator')
    .input(z.strictObject({ applianceId: z.uuid(), action: tenantActionSchema }))
    .output(z.object({ plan: tenantPlanSchema })),

  /**
   * Applies the plan. Rejects if nothing was changed: CONFLICT (detail: what changed since the plan), INVALID_INPUT (wrong
   * name), LICENCE_FORBIDS, BUSY, UPLOAD_FAILED … Otherwise resolves, also if the connection was lost half-way.
   */
  apply: procedure('operator')
    .input(applied)
    .output(z.object({ outcome: tenantOutcomeSchema })),

  /** Adds tenants in order, each with its public key. Yields an event for each row and stops at the first failure. */
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

  /** The contact and the note that the console keeps for a tenant; null if there is none. */
  note: procedure('viewer')
    .input(tenantRefSchema)
    .output(z.object({ note: keptTenantNoteSchema.nullable() })),

  /** Null deletes both. */
  setNote: procedure('operator')
    .input(tenantRefSchema.extend({ note: tenantNoteSchema.nullable() }))
    .output(nothing),

  /** Files for the site of a new tenant. They hold no secrets. */
  handOver: procedure('operator')
    .input(
      z.strictObject({
        applianceId: z.uuid(),
        clientId: clientIdSchema,
        /** Address of the appliance as seen from the site, `host:port`. */
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
        /** All files as one ZIP archive, base64. */
        archive: z.object({ name: z.string(), base64: z.string() }),
      }),
    ),
};
