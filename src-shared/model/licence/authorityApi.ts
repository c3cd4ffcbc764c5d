import { z } from 'zod';
import { instantSchema } from '../../base/time.ts';

/** What a licence authority serves over HTTPS **[ours]**. Errors are `authorityErrorSchema`. */
export const authorityPaths = {
  /** POST `licencePingSchema`; answers 204. */
  ping: '/v1/ping',
  /** POST a signed request; answers the licence. The same request gets the same licence again. */
  licence: '/v1/licence',
  /** POST `usageReportSchema`; answers 204. */
  usage: '/v1/usage',
  /** POST a signed receipt; answers 204. */
  receipt: '/v1/receipt',
  /** GET the public keys, as an appliance installs them. */
  keys: '/keys.json',
} as const;

const addressSchema = z.union([z.ipv4(), z.ipv6()]);

/** The licence ping: exactly these fields **[doc]**. An appliance that does not know its public address sends null. */
export const licencePingSchema = z.strictObject({
  version: z.string().min(1).max(32),
  publicIp: addressSchema.nullable(),
  privateIp: addressSchema.nullable(),
  hostname: z.string().min(1).max(253),
  licenceKey: z.string().min(1).max(128),
});
export type LicencePing = z.infer<typeof licencePingSchema>;

const accountCountSchema = z.strictObject({ active: z.int().nonnegative(), total: z.int().nonnegative() });

/** The standard usage report **[doc: what it counts; ours: its form]**. */
export const usageReportSchema = z.strictObject({
  format: z.literal(1),
  licenceKey: z.string().min(1).max(128),
  from: instantSchema,
  to: instantSchema,
  developerAccounts: z.int().nonnegative(),
  hasExternalDatabase: z.boolean(),
  hasExternalRedis: z.boolean(),
  connectors: z
    .array(
      z.strictObject({
        connector: z.string().min(1).max(64),
        admin: accountCountSchema,
        nonAdmin: accountCountSchema,
      }),
    )
    .max(256),
});
export type UsageReport = z.infer<typeof usageReportSchema>;
