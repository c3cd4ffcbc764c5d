import { createPrivateKey, getCiphers, type KeyObject } from 'node:crypto';
import { visibleLine } from '../../base/machineText.ts';
import { formatEd25519Key } from './openSshFields.ts';

/** A key without encryption, in a form that ssh2 reads, or why it can't be one. */
export type PlainKey = { text: string; reason?: never } | { text?: never; reason: string };

export const damagedKey = 'it is cut off or damaged; copy the file again';
export const dsaKey =
  'it is a DSA key, which servers no longer accept; make a new key: ssh-keygen -t ed25519 -f NEW';
const withLegacy =
  'openssl pkey -provider legacy -provider default -in FILE -aes256 -out NEW converts it to a supported cipher';

const shown = (name: string) => visibleLine(name.slice(0, 64));

/** The parts of the DER form that name the ciphers of PKCS#8 that every OpenSSL has (RFC 8018, B; RFC 7292, C). */
const pkcs8Ciphers = [
  '060960864801650304012a', // AES-256-CBC
  '0609608648016503040116', // AES-192-CBC
  '0609608648016503040102', // AES-128-CBC
  '06082a864886f70d0307', // DES-EDE3-CBC
  '060a2a864886f70d010c0103', // SHA-1 and three-key 3DES
].map((hex) => Buffer.from(hex, 'hex'));

const curves: Readonly<Record<string, true>> = { prime256v1: true, secp384r1: true, secp521r1: true };

function convertKey(key: KeyObject): PlainKey {
  const type = key.asymmetricKeyType ?? 'unknown';
  if (type === 'dsa') return { reason: dsaKey };
  if (type === 'rsa') return { text: String(key.export({ type: 'pkcs1', format: 'pem' })) };
  const { namedCurve } = key.asymmetricKeyDetails ?? {};
  if (type === 'ec' && namedCurve !== undefined && Object.hasOwn(curves, namedCurve)) {
    // By way of JWK, so that the curve is written by its name, even if the file has its parameters.
    const named = createPrivateKey({ key: key.export({ format: 'jwk' }), format: 'jwk' });
    return { text: String(named.export({ type: 'sec1', format: 'pem' })) };
  }
  if (type === 'ed25519') {
    const { d = '', x = '' } = key.export({ format: 'jwk' });
    const [seed, point] = [Buffer.from(d, 'base64url'), Buffer.from(x, 'base64url')];
    return { text: formatEd25519Key({ seed, point }) };
  }
  const kind = type === 'ec' ? `EC with the curve ${shown(namedCurve ?? 'unknown')}` : shown(type);
  return {
    reason: `keys of type ${kind} are not supported for SSH; make a new key: ssh-keygen -t ed25519 -f NEW`,
  };
}

/** Reads an unencrypted key in PKCS#8 or in OpenSSL's traditional format. */
export function readPlainPem(pem: string): PlainKey {
  try {
    return convertKey(createPrivateKey(pem));
  } catch {
    return { reason: damagedKey };
  }
}

/** Decrypts such a key. Null if the passphrase is wrong. */
export function decryptPem(pem: string, passphrase: string): PlainKey | null {
  try {
    return convertKey(createPrivateKey({ key: pem, passphrase }));
  } catch (error) {
    const isUnsupported =
      error instanceof Error && 'code' in error && error.code === 'ERR_OSSL_EVP_UNSUPPORTED';
    // With a wrong passphrase the padding is right in one of 256 cases, and then the key makes no sense.
    return isUnsupported
      ? { reason: `it is encrypted with a cipher that is not supported; ${withLegacy}` }
      : null;
  }
}

/** Whether a key can be decrypted by `decryptPem`. */
export function isEncryptedPem(text: string): boolean {
  return /^-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED$/mu.test(text);
}

/** Why an encrypted PKCS#8 key can't be read, without its passphrase; null if it can. `der` is the decoded file. */
export function findPkcs8Fault(der: Buffer): string | null {
  const length = readDerLength(der);
  if (length === null || der.length < length) return damagedKey;
  const head = der.subarray(0, 256);
  if (pkcs8Ciphers.some((cipher) => head.includes(cipher))) return null;
  return `it is a PKCS#8 key encrypted with a cipher that is not supported; ${withLegacy}`;
}

/** Why a key with this name of a cipher in its DEK-Info line, and these encrypted bytes, can't be read. */
export function findPemFault(cipher: string, encrypted: Buffer): string | null {
  const name = cipher.toLowerCase();
  if (!getCiphers().includes(name))
    return `it is encrypted with ${shown(cipher)}, which is not supported; ${withLegacy}`;
  const blockLength = name.startsWith('des') ? 8 : 16;
  return encrypted.length === 0 || encrypted.length % blockLength !== 0 ? damagedKey : null;
}

/** The number of bytes that the beginning of a DER sequence announces. Null if it begins with no sequence. */
export function readDerLength(der: Buffer): number | null {
  const first = der[1] ?? 0;
  const lengthBytes = first < 128 ? 0 : first - 128;
  if (der[0] !== 0x30 || lengthBytes > 4 || der.length < 2 + lengthBytes) return null;
  return 2 + lengthBytes + (lengthBytes === 0 ? first : der.readUIntBE(2, lengthBytes));
}
