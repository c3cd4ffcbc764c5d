import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { fingerprintOf, type PublicKey } from './publicKey.ts';
import { writeString, writeUint32 } from './sshWire.ts';

const keyType = 'ssh-ed25519';
/** The private section is padded to the cipher's block; without a cipher that is 8 bytes (PROTOCOL.key). */
const blockSize = 8;

function decodeCoordinate(value: string | undefined): Buffer {
  if (value === undefined) throw new Error('node:crypto gave no ed25519 key');
  return Buffer.from(value, 'base64url');
}

/**
 * A new ed25519 pair. `privateKey` is OpenSSH's own file format (openssh-key-v1, no passphrase), because the client
 * reads ed25519 in no other. It is returned to be printed once and must not be stored or logged.
 */
export function generateKeyPair(comment: string): { publicKey: PublicKey; privateKey: string } {
  const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const point = decodeCoordinate(jwk.x);
  const seed = decodeCoordinate(jwk.d);
  const blob = Buffer.concat([writeString(keyType), writeString(point)]);
  const check = randomBytes(4);
  const section = Buffer.concat([
    check,
    check,
    writeString(keyType),
    writeString(point),
    writeString(Buffer.concat([seed, point])),
    writeString(comment),
  ]);
  const padding = Buffer.from(
    Array.from({ length: (blockSize - (section.length % blockSize)) % blockSize }, (_, index) => index + 1),
  );
  const file = Buffer.concat([
    Buffer.from('openssh-key-v1\0', 'latin1'),
    writeString('none'),
    writeString('none'),
    writeString(''),
    writeUint32(1),
    writeString(blob),
    writeString(Buffer.concat([section, padding])),
  ]);
  const lines = file.toString('base64').replace(/.{70}/g, '$&\n').trimEnd();
  return {
    publicKey: { type: keyType, blob: blob.toString('base64'), fingerprint: fingerprintOf(blob) },
    privateKey: `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}\n-----END OPENSSH PRIVATE KEY-----\n`,
  };
}
