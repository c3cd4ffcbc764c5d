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

const applyRequestSchema = z.strictObject({
  applianceId: z.uuid(),
  action: tenantActionSchema,
  /** Of the plan: if the appliance has another value, `apply` rejects with CONFLICT. Null: there must be no such tenant. */
  basis: instantSchema.nullable(),
  reason: reasonSchema,
  /** The tenant's name if the plan requires it. */
  typedName: z.string().max(256).nullable(),
});
export type TenantApplyRequest = z.infer<typeof applyRequestSchema>;

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
   * Runs the change. If it rejects, nothing was changed: CONFLICT (detail: changes since the plan), ALREADY_EXISTS,
   * INVALID_INPUT (name typed wrongly), LICENCE_FORBIDS, BUSY, UPLOAD_FAILED … Otherwise it resolves, even if the link
   * was cut half-way.
   */
  apply: procedure('operator')
    .input(applyRequestSchema)
    .output(z.object({ outcome: tenantOutcomeSchema })),

  /** The contact and the note that the console keeps for a tenant; null if it has neither. */
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
