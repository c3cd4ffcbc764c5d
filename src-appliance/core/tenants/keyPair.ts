import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { PublicKey } from './publicKey.ts';
import { fingerprintOf } from '../../../src-shared/base/sshWire.ts';

const keyType = 'ssh-ed25519';
/**
 * The private part is padded to a multiple of the cipher's block size, which is 8 without a cipher
 * (PROTOCOL.key).
 */
const blockSize = 8;

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Encodes a `string` of the SSH wire format (RFC 4251, 5). */
export function encodeSshString(value: Buffer | string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function decodeCoordinate(value: string | undefined): Buffer {
  if (value === undefined) throw new Error('node:crypto gave no ed25519 key');
  return Buffer.from(value, 'base64url');
}

/**
 * Generates an ed25519 pair. `privateKey` is in OpenSSH's format (openssh-key-v1, no passphrase), because
 * OpenSSH reads ed25519 in no other format. Print it once; never store or log it.
 */
export function generateKeyPair(comment: string): { publicKey: PublicKey; privateKey: string } {
  const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const point = decodeCoordinate(jwk.x);
  const seed = decodeCoordinate(jwk.d);
  const blob = Buffer.concat([encodeSshString(keyType), encodeSshString(point)]);
  const check = randomBytes(4);
  const section = Buffer.concat([
    check,
    check,
    encodeSshString(keyType),
    encodeSshString(point),
    encodeSshString(Buffer.concat([seed, point])),
    encodeSshString(comment),
  ]);
  const padding = Buffer.from(
    Array.from({ length: (blockSize - (section.length % blockSize)) % blockSize }, (_, index) => index + 1),
  );
  const file = Buffer.concat([
    Buffer.from('openssh-key-v1\0', 'latin1'),
    encodeSshString('none'),
    encodeSshString('none'),
    encodeSshString(''),
    uint32(1),
    encodeSshString(blob),
    encodeSshString(Buffer.concat([section, padding])),
  ]);
  const lines = file.toString('base64').replace(/.{70}/g, '$&\n').trimEnd();
  return {
    publicKey: { type: keyType, blob: blob.toString('base64'), fingerprint: fingerprintOf(blob) },
    privateKey: `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}\n-----END OPENSSH PRIVATE KEY-----\n`,
  };
}
