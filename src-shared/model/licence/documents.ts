import { z } from 'zod';

/**
 * The three documents of an offline renewal, the two of a usage statement, and that of an update, each a compact JWS (EdDSA) with a JSON payload
 * **[ours]**. The value is the `typ` of the protected header.
 */
export const documentTypes = {
  request: 'application/vnd.sallyport.licence-request+jws',
  licence: 'application/vnd.sallyport.licence+jws',
  receipt: 'application/vnd.sallyport.licence-receipt+jws',
  statement: 'application/vnd.sallyport.usage-statement+jws',
  acknowledgement: 'application/vnd.sallyport.usage-acknowledgement+jws',
  update: 'application/vnd.sallyport.update+jws',
} as const;
export type DocumentType = keyof typeof documentTypes;

/** The kind of document whose header has `typ`, null for another `typ`. */
export function documentTypeOf(typ: string): DocumentType | null {
  const types: readonly DocumentType[] = [
    'request',
    'licence',
    'receipt',
    'statement',
    'acknowledgement',
    'update',
  ];
  return types.find((type) => documentTypes[type] === typ) ?? null;
}

/**
 * Points of small order, in base64url. Older versions of OpenSSL accept the same simple signature of such a key for
 * any document.
 */
const smallOrderKeys: ReadonlySet<string> = new Set([
  'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIA',
  'AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  'AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIA',
  'JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_AU',
  'JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_IU',
  'xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA3o',
  'xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA_o',
  '7P_______________________________________38',
  '7P________________________________________8',
  '7f_______________________________________38',
  '7f________________________________________8',
  '7v_______________________________________38',
  '7v________________________________________8',
]);

/** A public Ed25519 key as JWKS contains it. `retiredAt`: since then, the key signs nothing new **[ours]**. */
export const publicKeySchema = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  /** 32 bytes in the only spelling of base64url whose unused bits are 0. */
  x: z
    .string()
    .regex(/^[\w-]{42}[AEIMQUYcgkosw048]$/u)
    .refine((x) => !smallOrderKeys.has(x)),
  kid: z.string().max(128),
  retiredAt: z.iso.datetime().max(40).optional(),
});
export type PublicKey = z.infer<typeof publicKeySchema>;

/** Longer documents are refused unread. A licence with a configuration has about 3 kB **[ours]**. */
export const maxDocumentBytes = 64 * 1024;
/** The text of a signed document. */
export const documentSchema = z.string().max(maxDocumentBytes);
