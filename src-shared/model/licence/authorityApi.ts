import { z } from 'zod';

/** What a licence authority serves over HTTPS **[ours]**. Errors are `authorityErrorSchema`. */
export const authorityPaths = {
  /** POST `licencePingSchema`; answers 204. */
  ping: '/v1/ping',
  /** POST a signed request; answers the licence. The same request gets the same licence again. */
  licence: '/v1/licence',
  /** POST a report of `ke_usage_report`, with the licence key as bearer; answers 204. */
  usage: '/v1/usage',
  /** POST a usage statement, with the licence key as bearer; answers the signed acknowledgement. */
  usageStatement: '/v1/usage/statement',
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

/**
 * Longer reports and statements are refused by the service: about 190,000 accounts. A longer one is carried to
 * `sallyport-authority statement` **[ours]**.
 */
export const maxSentReportBytes = 64 * 1024 * 1024;
