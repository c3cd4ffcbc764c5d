import { z } from 'zod';
import { instantSchema } from '../../base/time.ts';
import { licenceStateSchema } from './licence.ts';
import { publicKeySchema } from './documents.ts';

/** A random number that ties an answer to its request: 16 bytes. */
export const nonceSchema = z.base64url().length(22);

/**
 * The payload of a request, signed by the appliance's own key **[ours]**. It names no account, tenant, address or
 * host name, and has no other fields, so that nothing leaves the network unseen. The whole document stays under 1,200
 * bytes, so that one QR code can carry it.
 */
export const licenceRequestSchema = z.strictObject({
  format: z.literal(1),
  id: z.uuid(),
  /** Counts the appliance's requests from 1, so that people can name one. */
  number: z.int().positive(),
  nonce: nonceSchema,
  applianceId: z.uuid(),
  /** The appliance's own public key, `x` of its JWK. `kid` of the header is its RFC 7638 thumbprint. */
  publicKey: publicKeySchema.shape.x,
  madeAt: instantSchema,
  /** The highest time that the appliance's clock has shown, if the clock ran backwards since. */
  clockRanBackFrom: instantSchema.nullable(),
  applianceVersion: z.string().max(32),
  configurationRevision: z.int().nonnegative(),
  /** The installed licence; its key is masked. */
  licence: z.strictObject({
    state: licenceStateSchema,
    key: z.string().max(128).nullable(),
    sequence: z.int().nullable(),
    expiresAt: instantSchema.nullable(),
    graceEndsAt: instantSchema.nullable(),
  }),
  usage: z.strictObject({
    /** Null if this kit does not count accounts. */
    accounts: z.int().nonnegative().nullable(),
    /** Services of the tenants' repositories, by name. */
    connectors: z.array(z.string().max(32)).max(32),
  }),
});
export type LicenceRequest = z.infer<typeof licenceRequestSchema>;

/** The payload of a receipt, signed by the appliance's own key: proof of what is installed **[ours]**. */
export const licenceReceiptSchema = z.strictObject({
  format: z.literal(1),
  id: z.uuid(),
  applianceId: z.uuid(),
  outcome: z.enum(['applied', 'rolled-back']),
  at: instantSchema,
  licenceId: z.uuid(),
  sequence: z.int().positive(),
  /** SHA-256 of the installed file, lower-case hex. */
  licenceSha256: z.string().regex(/^[\da-f]{64}$/),
  previousSequence: z.int().positive().nullable(),
  requestId: z.uuid().nullable(),
  configurationRevision: z.int().nonnegative(),
});
export type LicenceReceipt = z.infer<typeof licenceReceiptSchema>;
