import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  randomBytes,
  scrypt,
  timingSafeEqual,
} from 'node:crypto';
import { z } from 'zod';
import { AppError } from '../../src-shared/errors.ts';

const cipher = 'aes-256-gcm';
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
/** Base64 each. The authentication tag is at the end of `sealed`. */
type Sealed = { nonce: string; sealed: string };
const maxMemory = 512 * 1024 * 1024;

/** scrypt's memory is 128 · n · r bytes; the bounds are checked before it is used, because a file may be hostile. */
export const costSchema = z
  .strictObject({
    n: z
      .int()
      .min(2 ** 14)
      .max(2 ** 20),
    r: z.int().min(1).max(16),
    p: z.int().min(1).max(4),
  })
  .refine(({ n }) => (n & (n - 1)) === 0, 'not a power of two')
  .refine(({ n, r }) => 128 * n * r <= maxMemory / 2, 'needs too much memory');
export type ScryptCost = z.infer<typeof costSchema>;

/** 128 MiB and about half a second on a computer of 2024 **[ours]**. */
export const defaultCost: ScryptCost = { n: 2 ** 17, r: 8, p: 1 };

/** Derives the key. Text that looks the same has the same bytes on every computer (NFC). */
export async function deriveKey(
  passphrase: string,
  options: { salt: Buffer; cost: ScryptCost },
): Promise<Buffer> {
  const { n, r, p } = costSchema.parse(options.cost);
  const typed = Buffer.from(passphrase.normalize('NFC'));
  return new Promise((resolve, reject) => {
    scrypt(typed, options.salt, keyBytes, { N: n, r, p, maxmem: maxMemory }, (error, key) => {
      typed.fill(0);
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}
export type DeriveKey = typeof deriveKey;

export const makeKey = (): Buffer => randomBytes(keyBytes);

/** Tells whether a key is the right one, and says nothing else about it. */
export const checkOf = (key: Buffer): Buffer =>
  createHmac('sha256', key).update('sallyport vault key').digest().subarray(0, 16);

/** Throws VAULT_WRONG_PASSPHRASE. */
export function assertRightKey(key: Buffer, { check }: { check: string }): void {
  if (!timingSafeEqual(checkOf(key), Buffer.from(check, 'base64')))
    throw new AppError('VAULT_WRONG_PASSPHRASE', 'The passphrase does not open the vault.');
}

/** Encrypts with a new random nonce. `header` is authenticated, too. */
export function seal(plain: Buffer, { key, header }: { key: Buffer; header: Buffer }): Sealed {
  const nonce = randomBytes(nonceBytes);
  const encryption = createCipheriv(cipher, key, nonce, { authTagLength: tagBytes }).setAAD(header);
  const sealed = Buffer.concat([encryption.update(plain), encryption.final(), encryption.getAuthTag()]);
  return { nonce: nonce.toString('base64'), sealed: sealed.toString('base64') };
}

/** Decrypts. Null if the content or the header is not what was sealed with this key. */
export function open(
  { nonce, sealed }: Sealed,
  { key, header }: { key: Buffer; header: Buffer },
): Buffer | null {
  const bytes = Buffer.from(sealed, 'base64');
  if (bytes.length < tagBytes) return null;
  const decryption = createDecipheriv(cipher, key, Buffer.from(nonce, 'base64'), { authTagLength: tagBytes })
    .setAAD(header)
    .setAuthTag(bytes.subarray(-tagBytes));
  const plain = decryption.update(bytes.subarray(0, -tagBytes));
  try {
    decryption.final();
    return plain;
  } catch {
    plain.fill(0);
    return null;
  }
}
