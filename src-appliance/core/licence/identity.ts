import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { calculateJwkThumbprint, CompactSign } from 'jose';
import { AppError } from '../../../src-shared/errors.ts';
import {
  documentTypes,
  publicKeySchema,
  type DocumentType,
} from '../../../src-shared/model/licence/documents.ts';
import { readBounded, replaceFile } from '../../../src-shared/node/files.ts';
import { fileError, isMissing } from '../state/fileErrors.ts';

/** The appliance's own Ed25519 key **[ours]**. `keyId` is its RFC 7638 thumbprint. */
export type Identity = { privateKey: KeyObject; publicKey: string; keyId: string };

const maxKeyBytes = 4096;

export function identityPath(stateFolder: string): string {
  return join(stateFolder, 'identity.pem');
}

function readKey(path: string): KeyObject | null {
  let file: ReturnType<typeof readBounded>;
  try {
    file = readBounded(path, { maxBytes: maxKeyBytes, isLinkFollowed: false });
  } catch (error) {
    if (isMissing(error)) return null;
    throw fileError(path, error);
  }
  try {
    if (typeof file === 'string') throw new Error(file);
    const key = createPrivateKey(file.content);
    if (key.asymmetricKeyType !== 'ed25519') throw new Error('not Ed25519');
    return key;
  } catch (cause) {
    throw new AppError(
      'COMMAND_FAILED',
      `the appliance’s own key ${path} is damaged; restore it from a backup`,
      {
        cause,
      },
    );
  }
}

function makeKey(path: string): KeyObject {
  const { privateKey } = generateKeyPairSync('ed25519');
  const data = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  try {
    replaceFile({ path, data, mode: 0o600, isDurable: true });
  } catch (error) {
    throw fileError(path, error);
  }
  return privateKey;
}

/**
 * Reads the appliance's own key and makes it on first use. Call it only while holding the lock. Throws COMMAND_FAILED
 * for a damaged key, which is never replaced.
 */
export async function openIdentity(stateFolder: string): Promise<Identity> {
  const path = identityPath(stateFolder);
  const privateKey = readKey(path) ?? makeKey(path);
  const jwk = createPublicKey(privateKey).export({ format: 'jwk' });
  const x = publicKeySchema.shape.x.parse(jwk.x);
  return { privateKey, publicKey: x, keyId: await calculateJwkThumbprint({ kty: 'OKP', crv: 'Ed25519', x }) };
}

/** Signs a document with the appliance's own key, as compact JWS. */
export function signDocument(
  identity: Identity,
  document: { type: Exclude<DocumentType, 'licence' | 'acknowledgement'>; payload: unknown },
): Promise<string> {
  return new CompactSign(new TextEncoder().encode(JSON.stringify(document.payload)))
    .setProtectedHeader({ alg: 'EdDSA', typ: documentTypes[document.type], kid: identity.keyId })
    .sign(identity.privateKey);
}
