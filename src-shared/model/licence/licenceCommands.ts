import { z } from 'zod';
import { instantSchema } from '../../base/time.ts';
import { documentSchema, publicKeySchema } from './documents.ts';
import { licenceShowOutputSchema } from './licence.ts';
import { checkResultSchema } from './licenceChecks.ts';

const contract = z.literal(1);

/** Output of `ke_manage_license_key request --json` **[ours]**. */
export const requestOutputSchema = z.object({
  contract,
  /** The signed request, `licenceRequestSchema`. */
  request: documentSchema,
  id: z.uuid(),
  number: z.int().positive(),
  /** The authority's public keys that this appliance trusts, so that a console can verify the answer without the appliance. */
  authorityKeys: z.array(publicKeySchema).max(64),
  /** The highest sequence number that was ever installed. */
  highestSequence: z.int().positive().nullable(),
  /** The number of the open request that this one made void. */
  voided: z.int().positive().nullable(),
});
export type RequestOutput = z.infer<typeof requestOutputSchema>;

/** What the appliance expects from its own state if the licence is applied **[ours]**. */
export const forecastItems = ['accounts', 'connectors', 'clock', 'disk', 'lock'] as const;
export const forecastItemSchema = z.object({
  item: z.enum(forecastItems),
  outcome: z.enum(['fits', 'warning', 'refused', 'unknown']),
  detail: z.string().max(512),
});
export type ForecastItem = z.infer<typeof forecastItemSchema>;

/**
 * Output of `ke_manage_license_key verify|import [--dry-run] --json` **[ours]**. If the answer is refused, the
 * command prints this too, and ends with VERIFICATION_FAILED.
 */
export const importOutputSchema = z.object({
  contract,
  outcome: z.enum(['applied', 'acceptable', 'refused']),
  checks: z.array(checkResultSchema).max(32),
  forecast: z.array(forecastItemSchema).max(16),
  /** The licence that is installed after the command. */
  current: licenceShowOutputSchema,
  /** The signed receipt, `licenceReceiptSchema`, if the licence was applied. */
  receipt: documentSchema.nullable(),
});
export type ImportOutput = z.infer<typeof importOutputSchema>;

/** Output of `ke_manage_license_key history --json`: the kept versions, newest first **[ours]**. */
export const historyOutputSchema = z.object({
  contract,
  versions: z
    .array(
      z.object({
        sequence: z.int().positive(),
        id: z.uuid(),
        installedAt: instantSchema,
        expiresAt: instantSchema,
        isInstalled: z.boolean(),
      }),
    )
    .max(64),
});
export type LicenceHistory = z.infer<typeof historyOutputSchema>;

/** Output of `ke_manage_license_key receipt|rollback --json` **[ours]**. */
export const receiptOutputSchema = z.object({
  contract,
  current: licenceShowOutputSchema,
  receipt: documentSchema,
});
export type ReceiptOutput = z.infer<typeof receiptOutputSchema>;

/** Something that an appliance sends to the authority: the path, and the names of its fields. */
const sentSchema = z.object({
  path: z.string().max(64),
  fields: z.array(z.string().max(64)).max(64),
});

/**
 * Output of `ke_manage_license_key authority --json`: the authority that `ke_update_configuration` uses, and what it
 * sends there, in this order **[ours]**.
 */
export const authorityOutputSchema = z.object({
  contract,
  host: z.string().min(1).max(253),
  port: z.int().min(1).max(65_535),
  mode: z.enum(['connected', 'offline']),
  sends: z.array(sentSchema).max(8),
});
export type AuthorityOutput = z.infer<typeof authorityOutputSchema>;

/** What an appliance has sent. `bytes` are those of the body. */
export const sentRecordSchema = sentSchema.extend({ bytes: z.int().nonnegative() });
export type SentRecord = z.infer<typeof sentRecordSchema>;

/** Output of `ke_manage_license_key set --json`: the licence key of the connected mode, masked **[ours]**. */
export const setKeyOutputSchema = z.object({ contract, key: z.string().max(128) });
export type SetKeyOutput = z.infer<typeof setKeyOutputSchema>;
