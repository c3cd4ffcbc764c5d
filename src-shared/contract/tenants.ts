import { z } from 'zod';
import { deploymentNames } from '../model/connectYaml/deployments.ts';
import { tunnelSchema } from '../model/tunnels/chain.ts';
import { clientIdSchema } from '../model/tenants/clientId.ts';
import { tenantSchema } from '../model/tenants/remoteNetworks.ts';
import { groupKeySchema, maxGroupKeyOverlapHours } from '../model/tenants/groupKeys.ts';
import { tenantActionSchema, tenantOutcomeSchema, tenantPlanSchema } from '../model/tenants/tenantPlan.ts';
import { instantSchema } from '../base/time.ts';
import { customerSenderSchema } from '../model/tunnels/customerMessage.ts';
import { keptTenantNoteSchema, tenantNoteSchema } from '../model/tenants/tenantNote.ts';
import { reasonSchema } from '../model/audit/reason.ts';
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
  /** What members disagree about, as sentences. Empty if all members agree. */
  disagreements: z.array(z.string()),
});
export type TenantCluster = z.infer<typeof tenantClusterSchema>;

export const tenantViewSchema = z.object({
  applianceId: z.uuid(),
  applianceName: z.string(),
  observedAt: instantSchema,
  tenant: tenantSchema,
  /** Diagnosed by the console. Never empty: a tenant without tunnels has one entry that shows why. */
  tunnels: z.array(tunnelSchema).min(1),
  /** Null outside a cluster. In a cluster, this view is from the member that has the tenant's session. */
  cluster: tenantClusterSchema.nullable(),
  /** The quota before the tenant was suspended. Null if this console did not see the suspension. */
  quotaBefore: z.int().positive().nullable(),
});
export type TenantView = z.infer<typeof tenantViewSchema>;

const applyRequestSchema = z.strictObject({
  applianceId: z.uuid(),
  action: tenantActionSchema,
  /**
   * `basis` of the plan. If the appliance has another value, `apply` rejects with CONFLICT. Null means that
   * the tenant must not exist yet.
   */
  basis: instantSchema.nullable(),
  reason: reasonSchema,
  /** The tenant's name as the user typed it to confirm. Null if the plan requires no confirmation. */
  typedName: z.string().max(256).nullable(),
});
export type TenantApplyRequest = z.infer<typeof applyRequestSchema>;

const tenantRefSchema = z.strictObject({ applianceId: z.uuid(), clientId: clientIdSchema });

const groupRefSchema = tenantRefSchema.extend({ group: groupKeySchema.shape.group.min(1) });

export const tenantsContract = {
  /**
   * The last known tenants of one appliance or of all. A tenant of a cluster is listed once. Sorted by
   * appliance, tenant.
   */
  list: procedure('viewer')
    .input(z.strictObject({ applianceId: z.uuid().nullable() }))
    .output(z.object({ tenants: z.array(tenantViewSchema) })),

  /**
   * Reads the appliance now and returns what the change would do, without changing anything. Rejects with
   * APPLIANCE_LOCKED, NOT_FOUND, ALREADY_EXISTS, LINK_NOT_READY, or INVALID_INPUT (invalid key, or too few free ports).
   */
  plan: procedure('operator')
    .input(z.strictObject({ applianceId: z.uuid(), action: tenantActionSchema }))
    .output(z.object({ plan: tenantPlanSchema })),

  /**
   * Runs the change. Rejects only if nothing was changed, with `detail.changedNothing` if the code alone does
   * not say so: CONFLICT (`detail` lists changes since the plan),
   * ALREADY_EXISTS, INVALID_INPUT (wrong name typed), LICENCE_FORBIDS, BUSY, UPLOAD_FAILED … Otherwise
   * resolves, even if the connection was lost during the change.
   */
  apply: procedure('operator')
    .input(applyRequestSchema)
    .output(z.object({ outcome: tenantOutcomeSchema })),

  /** The keys of the tenant's repository groups, masked. Rejects with COMMAND_MISSING if the kit is too old. */
  groupKeys: procedure('viewer')
    .input(tenantRefSchema)
    .output(z.object({ groupKeys: z.array(groupKeySchema) })),
  /** Shows one key, with a record in the audit trail. */
  showGroupKey: procedure('admin')
    .input(groupRefSchema)
    .output(z.object({ key: z.string() })),
  /** Replaces one key. The former key stays valid for `overlapHours`. */
  rotateGroupKey: procedure('admin')
    .input(
      groupRefSchema.extend({
        overlapHours: z.int().nonnegative().max(maxGroupKeyOverlapHours),
        reason: reasonSchema,
      }),
    )
    .output(z.object({ groupKey: groupKeySchema })),

  /** The contact and the note that the console stores for a tenant. Null if it stores neither. */
  note: procedure('viewer')
    .input(tenantRefSchema)
    .output(z.object({ note: keptTenantNoteSchema.nullable() })),

  /**
   * Stores the contact and the note. Null deletes both. `basis` is the time of the last change that the user
   * has seen, or null without a note. Rejects with CONFLICT if the note was changed since.
   */
  setNote: procedure('operator')
    .input(tenantRefSchema.extend({ note: tenantNoteSchema.nullable(), basis: instantSchema.nullable() }))
    .output(nothing),

  /** Who messages to customers come from. */
  customerSender: procedure('viewer')
    .input(nothing)
    .output(z.object({ sender: customerSenderSchema })),
  setCustomerSender: procedure('admin')
    .input(z.strictObject({ sender: customerSenderSchema }))
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
