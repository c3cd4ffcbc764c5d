import type { LicencePayload } from '../../src-shared/model/licence/licence.ts';
import { randomUUID } from 'node:crypto';
import { CompactSign, exportJWK, generateKeyPair, type CryptoKey, type JWK } from 'jose';
import { licencePayloadSchema } from '../../src-shared/model/licence/licence.ts';
import { documentTypes } from '../../src-shared/model/licence/documents.ts';

/** A key pair of the vendor's licence service. The private key stays in memory. */
export type AuthorityKey = { keyId: string; privateKey: CryptoKey; publicKey: CryptoKey };

/** Generates an Ed25519 key pair with its own key ID. */
export async function createAuthorityKey(keyId: string = randomUUID()): Promise<AuthorityKey> {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
  return { keyId, privateKey, publicKey };
}

/** Exports the public keys as a JWKS, the format of an appliance's `authorityKeys` file. */
export async function exportKeySet(keys: readonly AuthorityKey[]): Promise<{ keys: JWK[] }> {
  const entries = keys.map(async ({ keyId, publicKey }) => ({
    ...(await exportJWK(publicKey)),
    kid: keyId,
    alg: 'EdDSA',
    use: 'sig',
  }));
  return { keys: await Promise.all(entries) };
}

/**
 * Signs a licence as compact JWS. Throws a ZodError if the payload is not a valid licence, so that nothing
 * else is signed.
 */
export async function issueLicence(payload: LicencePayload, key: AuthorityKey): Promise<string> {
  const licence = licencePayloadSchema.parse(payload);
  return new CompactSign(new TextEncoder().encode(JSON.stringify(licence)))
    .setProtectedHeader({ alg: 'EdDSA', typ: documentTypes.licence, kid: key.keyId })
    .sign(key.privateKey);
}
