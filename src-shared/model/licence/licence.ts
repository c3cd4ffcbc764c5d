import { z } from 'zod';
import { billingPlansSchema } from '../billing/billingPlan.ts';
import { licencePingsSchema } from './licencePings.ts';
import { formatInstant, instantSchema, secondMs, dayMs } from '../../base/time.ts';

/** The state of a licence. The appliance determines it with a clock that never runs backwards. */
export const licenceStateSchema = z.enum([
  'valid',
  'expiring',
  'grace',
  'expired',
  'missing',
  'unverifiable',
  'not-required',
]);
export type LicenceState = z.infer<typeof licenceStateSchema>;

/**
 * What each state means. `allowsGrowth`: tenants may be added and quotas raised. `severity`: how serious the
 * state is as a problem; null if it is no problem **[ours]**.
 */
export const licenceStates: Record<
  LicenceState,
  { label: string; allowsGrowth: boolean; severity: 'bad' | 'warn' | null }
> = {
  valid: { label: 'valid', allowsGrowth: true, severity: null },
  expiring: { label: 'expiring', allowsGrowth: true, severity: 'warn' },
  grace: { label: 'grace', allowsGrowth: true, severity: 'bad' },
  expired: { label: 'expired', allowsGrowth: false, severity: 'bad' },
  missing: { label: 'missing', allowsGrowth: false, severity: 'bad' },
  unverifiable: { label: 'unverifiable', allowsGrowth: false, severity: 'bad' },
  'not-required': { label: 'No licence required', allowsGrowth: true, severity: null },
};

/** A licence counts as `expiring` from this many days before its expiry **[ours]**. */
export const expiringDays = 30;

/**
 * The console reads licences once a minute. After two missed replies, the last licence is no longer shown as
 * green **[ours]**.
 */
export const licenceStaleAfterMs = 150 * secondMs;

/** One line of printable ASCII, so that no text of a licence looks like another one or like a line of ours **[ours]**. */
const plainTextSchema = z.string().regex(/^[!-~](?:[ -~]*[!-~])?$/u);

/** What a licence grants **[ours]**. Numbers of accounts are whole numbers; null means unlimited. */
export const entitlementsSchema = z.object({
  accounts: z.int().nonnegative().nullable(),
  /** Names of services, each once. */
  connectors: z
    .array(
      z
        .string()
        .regex(/^[a-z\d][a-z\d._-]*$/u)
        .max(64),
    )
    .max(256)
    .refine((names) => new Set(names).size === names.length),
  plan: plainTextSchema.max(64),
  /** Whether accounts and applications may be marked as internal development **[doc]**. */
  internalDevelopment: z.boolean(),
  /** Whether the whole licence is for internal development **[doc]**. Absent means no, as in licences of older authorities. */
  isInternalLicence: z.boolean().optional(),
});

/** So many settings at most, so that a person can look at each change **[ours]**. */
export const maxRevisionSettings = 200;

/**
 * A configuration revision: changed keys of `/data/kloudless.yml` by their dotted path, null to remove one.
 * Never holds secrets, which the authority does not know **[ours]**.
 */
export const configurationRevisionSchema = z.strictObject({
  revision: z.int().positive(),
  set: z
    .record(
      z
        .string()
        .regex(/^[\w-]{1,64}(?:\.[\w-]{1,64}){0,7}$/)
        .max(100),
      z.union([z.string().max(4096), z.number(), z.boolean(), z.null()]),
    )
    .refine((set) => Object.keys(set).length <= maxRevisionSettings),
});
export type ConfigurationRevision = z.infer<typeof configurationRevisionSchema>;

/** An instant of a licence. Not of the year 9999, so that the end of the grace period has four digits too. */
export const licenceInstantSchema = instantSchema.regex(/^(?!9999)/u);

/**
 * The signed payload of a licence, the answer to a request: JWS (EdDSA), `documentTypes.licence` **[ours]**.
 */
export const licencePayloadSchema = z.strictObject({
  format: z.literal(1),
  id: z.uuid(),
  applianceId: z.uuid(),
  key: plainTextSchema.max(128),
  sequence: z.int().positive(),
  issuedAt: licenceInstantSchema,
  notBefore: licenceInstantSchema,
  expiresAt: licenceInstantSchema,
  graceDays: z.int().nonnegative().max(365),
  minVersion: z.string().regex(/^\d{1,6}(?:\.\d{1,6}){0,3}$/),
  entitlements: z.strictObject(entitlementsSchema.shape),
  /** The request that this licence answers; absent from licences of older authorities. */
  request: z
    .strictObject({ id: z.uuid(), nonce: z.base64url().length(22) })
    .nullable()
    .default(null),
  configuration: configurationRevisionSchema.nullable().default(null),
  /** Absent without plans, because older kits refuse a licence with a field that they don't know. */
  plans: billingPlansSchema.optional(),
});
export type LicencePayload = z.infer<typeof licencePayloadSchema>;

/** How an appliance gets its licence: from the authority over the network, or from a file **[ours]**. */
export const licenceModes = {
  connected: { label: 'connected', fetchesLicence: true },
  offline: { label: 'air-gapped', fetchesLicence: false },
} as const;
export type LicenceMode = keyof typeof licenceModes;

/**
 * Output of `ke_manage_license_key show --json` **[ours]**. The dates are null if there is no valid
 * signature.
 */
export const licenceShowOutputSchema = z.object({
  contract: z.literal(1),
  state: licenceStateSchema,
  /** Why the licence is in this state, in one sentence. */
  reason: z.string().max(512),
  /** The licence key with all but its first and last block masked. */
  key: z.string().max(128).nullable(),
  sequence: z.int().nullable(),
  notBefore: instantSchema.nullable(),
  expiresAt: instantSchema.nullable(),
  graceEndsAt: instantSchema.nullable(),
  entitlements: entitlementsSchema.nullable(),
  /**
   * The latest time that the appliance's clock has shown, if the clock ran backwards since. Otherwise null.
   */
  clockRanBackFrom: instantSchema.nullable(),
  /**
   * What is wrong with the appliance's clock. `aheadOf`: what it should show by the uptime, if it was set ahead. `behind`: when
   * the authority signed the licence, if the clock is before that. Absent from an older kit.
   */
  clock: z.object({ aheadOf: instantSchema.nullable(), behind: instantSchema.nullable() }).optional(),
  /** Null from an older kit, which doesn't say. */
  mode: z.enum(['connected', 'offline']).nullable().default(null),
  /** Absent in offline mode, before the first ping is planned, and from an older kit. */
  pings: licencePingsSchema.optional(),
  /** The price plans of the licence. Absent if it has none, and from an older kit. */
  plans: billingPlansSchema.optional(),
});
export type LicenceShowOutput = z.infer<typeof licenceShowOutputSchema>;

/**
 * Determines the state of a verified licence at `now` (epoch ms). Pure, so that console, kit and tests agree
 * to the second.
 */
export function readLicenceState(
  payload: Pick<LicencePayload, 'notBefore' | 'expiresAt' | 'graceDays'>,
  now: number,
): { state: LicenceState; reason: string; graceEndsAt: string } {
  const expires = Date.parse(payload.expiresAt);
  const graceEnds = expires + payload.graceDays * dayMs;
  const graceEndsAt = new Date(graceEnds).toISOString();
  if (now < Date.parse(payload.notBefore))
    return {
      state: 'unverifiable',
      reason: `not valid before ${formatInstant(payload.notBefore)}`,
      graceEndsAt,
    };
  if (now >= graceEnds)
    return {
      state: 'expired',
      reason: `expired at ${formatInstant(payload.expiresAt)}; the grace period ended at ${formatInstant(graceEndsAt)}`,
      graceEndsAt,
    };
  if (now >= expires)
    return {
      state: 'grace',
      reason: `expired at ${formatInstant(payload.expiresAt)}; the grace period ends at ${formatInstant(graceEndsAt)}`,
      graceEndsAt,
    };
  if (expires - now < expiringDays * dayMs)
    return { state: 'expiring', reason: `expires at ${formatInstant(payload.expiresAt)}`, graceEndsAt };
  return { state: 'valid', reason: `valid until ${formatInstant(payload.expiresAt)}`, graceEndsAt };
}
