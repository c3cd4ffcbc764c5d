import { z } from 'zod';
import { errorCodeSchema } from '../../errorCodes.ts';
import { clientIdSchema } from './clientId.ts';
import { portCount, portRangeSchema, portSchema } from './ports.ts';
import { tenantKeySchema, tenantSchema } from './remoteNetworks.ts';
import { instantSchema } from '../../base/time.ts';

const quotaSchema = z.int().min(1).max(portCount);

/** Where a tenant's key comes from: a public key that somebody brought, or a pair that the appliance makes. */
export const keySourceSchema = z.discriminatedUnion('from', [
  z.strictObject({ from: z.literal('given'), publicKey: z.string().max(16 * 1024) }),
  z.strictObject({ from: z.literal('generated') }),
]);
export type KeySource = z.infer<typeof keySourceSchema>;

/** What an operator can do to a tenant. */
export const tenantActionSchema = z.discriminatedUnion('kind', [
  /** `quota` null takes the appliance's default. */
  z.strictObject({
    kind: z.literal('add'),
    clientId: clientIdSchema,
    key: keySourceSchema,
    quota: quotaSchema.nullable(),
  }),
  /** `overlapHours`: how long the old keys remain valid beside the new one; null ends them at once. */
  z.strictObject({
    kind: z.literal('rotate'),
    clientId: clientIdSchema,
    key: keySourceSchema,
    overlapHours: z
      .int()
      .min(1)
      .max(24 * 90)
      .nullable(),
  }),
  z.strictObject({ kind: z.literal('change'), clientId: clientIdSchema, quota: quotaSchema }),
  z.strictObject({ kind: z.literal('suspend'), clientId: clientIdSchema }),
  z.strictObject({ kind: z.literal('resume'), clientId: clientIdSchema, quota: quotaSchema }),
  z.strictObject({ kind: z.literal('remove'), clientId: clientIdSchema }),
  /** Ends exactly the process that holds a port without a live session behind it. */
  z.strictObject({
    kind: z.literal('release'),
    clientId: clientIdSchema,
    port: portSchema,
    pid: z.int().positive(),
  }),
]);
export type TenantAction = z.infer<typeof tenantActionSchema>;

/** What a plan card shows before anything changes. */
export const tenantPlanSchema = z.object({
  applianceId: z.uuid(),
  applianceName: z.string(),
  action: tenantActionSchema,
  /** In order; each exactly as it will run. `PATH` of an upload is the only part that is made up later. */
  commands: z.array(z.object({ argv: z.array(z.string()), text: z.string() })).min(1),
  /** E.g. `ubuntu, over sudo`. */
  runsAs: z.string(),
  /** The key that travels as a temporary file (0600, deleted afterwards). */
  upload: z.object({ type: z.string(), fingerprint: z.string(), comment: z.string().nullable() }).nullable(),
  /** Sessions and tunnels that this ends, by name. */
  ends: z.array(
    z.object({
      clientId: z.string(),
      port: z.int().nullable(),
      destination: z.string().nullable(),
      since: instantSchema.nullable(),
    }),
  ),
  before: z
    .object({
      quota: z.int(),
      suspended: z.boolean(),
      ports: z.array(portRangeSchema),
      keys: z.array(tenantKeySchema),
    })
    .nullable(),
  /** `ports` null where only the appliance can tell. */
  after: z.object({ quota: z.int(), ports: z.array(portRangeSchema).nullable() }).nullable(),
  /** Ports that the tenant holds now and afterwards no more: other tenants may get them. */
  givesUp: z.array(portRangeSchema),
  undo: z.object({ possible: z.boolean(), text: z.string(), command: z.string().nullable() }),
  warnings: z.array(z.string()),
  /** What must be typed again before it may run; null where nothing. */
  confirmName: z.string().nullable(),
  printsPrivateKey: z.boolean(),
  /** The tenant's `changedAt` that this rests on; null where there is no such tenant yet. */
  basis: instantSchema.nullable(),
  observedAt: instantSchema,
});
export type TenantPlan = z.infer<typeof tenantPlanSchema>;

/**
 * How a change ended. `partly`: its first command was done and the next one was not, so the tenant is there, but not as
 * it was asked for. `unknown` only where the link went and did not come back in time, or where the command still runs
 * long after: then `message` says so, and the next answer of the appliance settles it.
 */
export const tenantOutcomeSchema = z.object({
  state: z.enum(['done', 'partly', 'not-done', 'unknown']),
  code: errorCodeSchema.nullable(),
  message: z.string(),
  /** As seen afterwards; null where it is gone or was not seen. */
  tenant: tenantSchema.nullable(),
  observedAt: instantSchema.nullable(),
  endedSessions: z.int().nonnegative().nullable(),
  fingerprint: z.string().nullable(),
  /** Once, here, and nowhere else. */
  privateKey: z.string().nullable(),
  /** A temporary file that could not be deleted yet; the console goes on trying. */
  leftover: z.string().nullable(),
});
export type TenantOutcome = z.infer<typeof tenantOutcomeSchema>;
