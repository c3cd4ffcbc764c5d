import { z } from 'zod';
import { errorCodeSchema } from '../../errorCodes.ts';
import { clientIdSchema } from './clientId.ts';
import { portCount, portRangeSchema, portSchema } from './ports.ts';
import { tenantKeySchema, tenantSchema } from './remoteNetworks.ts';
import { instantSchema } from '../../base/time.ts';

const quotaSchema = z.int().min(1).max(portCount);

/**
 * Where a tenant's key comes from: a public key from the operator, or a pair that the appliance generates.
 */
export const keySourceSchema = z.discriminatedUnion('from', [
  z.strictObject({ from: z.literal('given'), publicKey: z.string().max(16 * 1024) }),
  z.strictObject({ from: z.literal('generated') }),
]);
export type KeySource = z.infer<typeof keySourceSchema>;

/** The changes of a quota: they need no key, and the tenant keeps its keys. */
export const quotaActionSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('change'), clientId: clientIdSchema, quota: quotaSchema }),
  z.strictObject({ kind: z.literal('suspend'), clientId: clientIdSchema }),
  z.strictObject({ kind: z.literal('resume'), clientId: clientIdSchema, quota: quotaSchema }),
]);
export type QuotaAction = z.infer<typeof quotaActionSchema>;

/** The changes that an operator can make to a tenant. */
export const tenantActionSchema = z.discriminatedUnion('kind', [
  /** `quota`: null for the appliance's default. */
  z.strictObject({
    kind: z.literal('add'),
    clientId: clientIdSchema,
    key: keySourceSchema,
    quota: quotaSchema.nullable(),
  }),
  /** `overlapHours`: how long the old keys stay valid next to the new key. Null removes them at once. */
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
  ...quotaActionSchema.options,
  z.strictObject({ kind: z.literal('remove'), clientId: clientIdSchema }),
  /** Ends the process that holds the port, if it is no live session of the tenant. */
  z.strictObject({
    kind: z.literal('release'),
    clientId: clientIdSchema,
    port: portSchema,
    pid: z.int().positive(),
  }),
]);
export type TenantAction = z.infer<typeof tenantActionSchema>;

/** The plan of a change. The user sees it before the change runs. */
export const tenantPlanSchema = z.object({
  applianceId: z.uuid(),
  applianceName: z.string(),
  action: tenantActionSchema,
  /**
   * The commands in order, exactly as they will run. Only the `PATH` of an uploaded file is decided later.
   */
  commands: z.array(z.object({ argv: z.array(z.string()), text: z.string() })).min(1),
  /** The account that runs the commands, e.g. `ubuntu, over sudo`. */
  runsAs: z.string(),
  /** The public key that is uploaded as a temporary file (mode 0600) and deleted afterwards. */
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
  /** The tenant after the change. `ports` is null if only the appliance can choose them. */
  after: z.object({ quota: z.int(), ports: z.array(portRangeSchema).nullable() }).nullable(),
  /** Ports that the tenant loses; other tenants may get them. */
  givesUp: z.array(portRangeSchema),
  undo: z.object({
    possible: z.boolean(),
    text: z.string(),
    command: z.string().nullable(),
    /**
     * The change that undoes this one. Null if that takes two changes, or a key that only its owner has.
     */
    action: tenantActionSchema.nullable(),
  }),
  warnings: z.array(z.string()),
  /** Text that the user must type to confirm. Null if no confirmation is needed. */
  confirmName: z.string().nullable(),
  printsPrivateKey: z.boolean(),
  /** The tenant's `changedAt` on which the plan is based. Null if the tenant doesn't exist yet. */
  basis: instantSchema.nullable(),
  observedAt: instantSchema,
});
export type TenantPlan = z.infer<typeof tenantPlanSchema>;

/**
 * The result of a change. `partly`: only the first of two commands succeeded. `unknown`: the connection was
 * lost, or the command is still running. `message` says which; the appliance's next reply shows the result.
 */
export const tenantOutcomeSchema = z.object({
  state: z.enum(['done', 'partly', 'not-done', 'unknown']),
  code: errorCodeSchema.nullable(),
  message: z.string(),
  /** The tenant after the change. Null if it was removed or the console couldn't read it. */
  tenant: tenantSchema.nullable(),
  observedAt: instantSchema.nullable(),
  endedSessions: z.int().nonnegative().nullable(),
  fingerprint: z.string().nullable(),
  /** The generated private key. It is returned only here and stored nowhere. */
  privateKey: z.string().nullable(),
  /** Path of a temporary file that could not be deleted. The console tries again later. */
  leftover: z.string().nullable(),
});
export type TenantOutcome = z.infer<typeof tenantOutcomeSchema>;
