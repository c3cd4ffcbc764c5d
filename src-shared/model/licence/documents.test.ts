import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { publicKeySchema } from './documents.ts';

const key = { kty: 'OKP', crv: 'Ed25519', kid: 'vendor-2026' };
const p = 2n ** 255n - 19n;
const order8 = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n;

/** A point in its encoding: the y coordinate, and the sign of x in the highest bit. */
function encodePoint(y: bigint, sign: bigint): string {
  const hex = (y | (sign << 255n)).toString(16).padStart(64, '0');
  return Buffer.from(Buffer.from(hex, 'hex').toReversed()).toString('base64url');
}

test('accepts the public keys of new key pairs', () => {
  for (let index = 0; index < 50; index += 1) {
    const { x } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
    expect(publicKeySchema.safeParse({ ...key, x }).success).toBe(true);
  }
});

test.each([0n, 1n, p - 1n, p, p + 1n, order8, p - order8])(
  'rejects the point of small order whose y is %s, with either sign',
  (y) => {
    for (const sign of [0n, 1n])
      expect(publicKeySchema.safeParse({ ...key, x: encodePoint(y, sign) }).success).toBe(false);
  },
);

test.each([
  ['shorter', 'A'.repeat(42)],
  ['longer', 'B'.repeat(44)],
  ['padded', `${'B'.repeat(42)}A=`],
  ['with unused bits', `${'B'.repeat(42)}B`],
  ['in plain base64', `${'+'.repeat(42)}A`],
  ['with a line end', `${'B'.repeat(42)}A\n`],
])('rejects a key that is %s', (_case, x) => {
  expect(publicKeySchema.safeParse({ ...key, x }).success).toBe(false);
});

test.each([
  ['of another curve', { crv: 'Ed448' }],
  ['on P-256', { kty: 'EC', crv: 'P-256' }],
  ['for key agreement', { crv: 'X25519' }],
  ['without an id', { kid: undefined }],
])('rejects a key %s', (_case, change) => {
  expect(publicKeySchema.safeParse({ ...key, x: `${'B'.repeat(42)}A`, ...change }).success).toBe(false);
});
