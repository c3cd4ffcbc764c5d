import {
  constants,
  createCipheriv,
  createDecipheriv,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
} from 'node:crypto';
import { z } from 'zod';
import { AppError } from '../../../src-shared/errors.ts';

const cipher = 'aes-256-cbc';

/**
 * A secret at rest: a 256-bit AES key encrypts it in CBC mode with a random initialization vector, and a 2048-bit
 * RSA key encrypts the AES key with PKCS#1 OAEP **[doc]**. Each secret has its own AES key, so that a program that
 * holds only the public key can store new secrets **[ours]**.
 */
export const sealedSecretSchema = z.strictObject({
  /** The AES key, encrypted with RSA (OAEP with SHA-1, the default of PKCS#1). */
  wrappedKey: z.base64().max(512),
  iv: z.base64().max(32),
  data: z.base64().max(8192),
});
export type SealedSecret = z.infer<typeof sealedSecretSchema>;

/**
 * Encrypts many secrets with one AES key, each with its own initialization vector, because to encrypt a key for each of a
 * million secrets would take minutes. The AES key is wrapped with the public key (PEM).
 */
export function createSealer(publicKey: string) {
  const key = randomBytes(32);
  const wrappedKey = publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING }, key);
  return {
    wrappedKey: wrappedKey.toString('base64'),
    seal: (secret: string): Pick<SealedSecret, 'iv' | 'data'> => {
      const iv = randomBytes(16);
      const encrypt = createCipheriv(cipher, key, iv);
      const data = Buffer.concat([encrypt.update(secret, 'utf8'), encrypt.final()]);
      return { iv: iv.toString('base64'), data: data.toString('base64') };
    },
  };
}

/** Encrypts `secret` with the public key (PEM). */
export function sealSecret(secret: string, publicKey: string): SealedSecret {
  const { wrappedKey, seal } = createSealer(publicKey);
  return { wrappedKey, ...seal(secret) };
}

/** Decrypts with the private key (PEM). Throws COMMAND_FAILED if the key does not match or the secret is damaged. */
export function openSecret({ wrappedKey, iv, data }: SealedSecret, privateKey: string): string {
  try {
    const key = privateDecrypt(
      { key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING },
      Buffer.from(wrappedKey, 'base64'),
    );
    const decrypt = createDecipheriv(cipher, key, Buffer.from(iv, 'base64'));
    return Buffer.concat([decrypt.update(Buffer.from(data, 'base64')), decrypt.final()]).toString('utf8');
  } catch (cause) {
    throw new AppError(
      'COMMAND_FAILED',
      'the secret can’t be decrypted: it is damaged, or its key was replaced',
      {
        cause,
      },
    );
  }
}
