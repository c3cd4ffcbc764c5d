import type { JWK } from 'jose';
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomUUID,
  sign,
  type KeyObject,
} from 'node:crypto';
import { documentTypes, publicKeySchema, type PublicKey } from '../../src-shared/model/licence/documents.ts';
import { licencePayloadSchema, type LicencePayload } from '../../src-shared/model/licence/licence.ts';

/** A signing key of a licence authority. */
export type AuthorityKey = { keyId: string; privateKey: KeyObject; publicKey: PublicKey };

function toAuthorityKey(keyId: string, privateKey: KeyObject): AuthorityKey {
  const { kty, crv, x } = createPublicKey(privateKey).export({ format: 'jwk' });
  return { keyId, privateKey, publicKey: publicKeySchema.parse({ kty, crv, x, kid: keyId }) };
}

/** Generates an Ed25519 key pair with its own key ID. The private key stays in memory. */
export function createAuthorityKey(keyId: string = randomUUID()): AuthorityKey {
  return toAuthorityKey(keyId, generateKeyPairSync('ed25519').privateKey);
}

/** Reads a private key in PEM. Throws if it is not an Ed25519 key. */
export function readAuthorityKey(keyId: string, pem: string | Buffer): AuthorityKey {
  return toAuthorityKey(keyId, createPrivateKey(pem));
}

/** The public keys as JWKS, the format of an appliance's `authorityKeys` file. */
export function exportKeySet(keys: readonly { publicKey: PublicKey }[]): { keys: JWK[] } {
  return { keys: keys.map(({ publicKey }) => ({ ...publicKey, alg: 'EdDSA', use: 'sig' })) };
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/**
 * Signs a licence as compact JWS. Throws a ZodError if the payload is not a valid licence, so that nothing
 * else is signed.
 */
export function issueLicence(payload: LicencePayload, { keyId, privateKey }: AuthorityKey): string {
  const header = { alg: 'EdDSA', typ: documentTypes.licence, kid: keyId };
  const signed = `${encode(header)}.${encode(licencePayloadSchema.parse(payload))}`;
  // Not jose, whose signatures come later: a licence is signed and recorded in one transaction.
  return `${signed}.${sign(null, Buffer.from(signed), privateKey).toString('base64url')}`;
}
