import { z } from 'zod';
import { errorCodeSchema } from '../../errorCodes.ts';
import { clientIdSchema } from './clientId.ts';
import { portCount, portRangeSchema, portSchema } from './ports.ts';
import { tenantKeySchema, tenantSchema } from './remoteNetworks.ts';
import { instantSchema } from '../../base/time.ts';

const quotaSchema = z.int().min(1).max(portCount);

/** The source of a tenant's key: a public key from the operator, or a pair that the appliance generates. */
export const keySourceSchema = z.discriminatedUnion('from', [
  z.strictObject({ from: z.literal('given'), publicKey: z.string().max(16 * 1024) }),
  z.strictObject({ from: z.literal('generated') }),
]);
export type KeySource = z.infer<typeof keySourceSchema>;

/** The changes that an operator can make to a tenant. */
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

/** The plan of a change, shown before it is applied. */
export const tenantPlanSchema = z.object({
  applianceId: z.uuid(),
  applianceName: z.string(),
  action: tenantActionSchema,
  /** In order, exactly as they will run. Only the `PATH` of an upload is chosen later. */
  commands: z.array(z.object({ argv: z.array(z.string()), text: z.string() })).min(1),
  /** E.g. `ubuntu, over sudo`. */
  runsAs: z.string(),
  /** The key that travels as a temporary file (0600, deleted afterwards). */
  upload: z.object({ type: z.string(), fingerprint: z.string(), comment: z.string().nullable() }).nullable(),
  /** Sessions and tunnels that the change ends. */
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
  /** `ports` is null if only the appliance can decide them. */
  after: z.object({ quota: z.int(), ports: z.array(portRangeSchema).nullable() }).nullable(),
  /** Ports that the tenant loses; other tenants may get them. */
  givesUp: z.array(portRangeSchema),
  undo: z.object({
    possible: z.boolean(),
    text: z.string(),
    command: z.string().nullable(),
    /** The change that undoes it; null if that takes two, or a key that only its owner has. */
    action: tenantActionSchema.nullable(),
  }),
  warnings: z.array(z.string()),
  /** Text that the user must type to confirm, or null. */
  confirmName: z.string().nullable(),
  printsPrivateKey: z.boolean(),
  /** The tenant's `changedAt` that the plan is based on; null if the tenant does not exist yet. */
  basis: instantSchema.nullable(),
  observedAt: instantSchema,
});
export type TenantPlan = z.infer<typeof tenantPlanSchema>;

/**
 * The result of a change. `partly`: only the first of two commands succeeded. `unknown`: the connection was lost, or the
 * command still runs; `message` says which, and the next answer of the appliance shows the result.
 */
export const tenantOutcomeSchema = z.object({
  state: z.enum(['done', 'partly', 'not-done', 'unknown']),
  code: errorCodeSchema.nullable(),
  message: z.string(),
  /** The tenant after the change; null if it is gone or was not seen. */
  tenant: tenantSchema.nullable(),
  observedAt: instantSchema.nullable(),
  endedSessions: z.int().nonnegative().nullable(),
  fingerprint: z.string().nullable(),
  /** The generated private key. It is returned only here and never stored. */
  privateKey: z.string().nullable(),
  /** A temporary file that could not be deleted yet. The console retries. */
  leftover: z.string().nullable(),
});
export type TenantOutcome = z.infer<typeof tenantOutcomeSchema>;
