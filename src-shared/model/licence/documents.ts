import { z } from 'zod';

/**
 * The three documents of an offline renewal, each a compact JWS (EdDSA) with a JSON payload **[ours]**. The value is
 * the `typ` of the protected header.
 */
export const documentTypes = {
  request: 'application/vnd.sallyport.licence-request+jws',
  licence: 'application/vnd.sallyport.licence+jws',
  receipt: 'application/vnd.sallyport.licence-receipt+jws',
} as const;
export type DocumentType = keyof typeof documentTypes;

/** A public Ed25519 key as JWKS contains it. `retiredAt`: since then, the key signs nothing new **[ours]**. */
export const publicKeySchema = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.base64url().length(43),
  kid: z.string().max(128),
  retiredAt: z.iso.datetime().max(40).optional(),
});
export type PublicKey = z.infer<typeof publicKeySchema>;

/** Longer documents are refused unread. A licence with a configuration has about 3 kB **[ours]**. */
export const maxDocumentBytes = 64 * 1024;
/** The text of a signed document. */
export const documentSchema = z.string().max(maxDocumentBytes);
