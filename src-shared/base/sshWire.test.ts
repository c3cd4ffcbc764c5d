import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bitLength, fingerprintOf, keyTypeOf, readSshStrings } from './sshWire.ts';

function written(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

test('when a blob is complete, returns the strings in it; when it is cut inside a string, returns null', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1 }), fc.nat(), (parts, cut) => {
      const fields = parts.map(written);
      const blob = Buffer.concat(fields);
      expect(readSshStrings(blob)?.map((bytes) => [...bytes])).toEqual(parts.map((part) => [...part]));
      const ends = fields.map((_, index) => Buffer.concat(fields.slice(0, index)).length);
      const length = cut % blob.length;
      expect(readSshStrings(blob.subarray(0, length)) !== null).toBe(ends.includes(length));
    }),
  );
});

test('when a key is ed25519, its fingerprint is the same as from ssh-keygen', () => {
  const blob = Buffer.from('AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f', 'base64');
  expect(fingerprintOf(blob)).toBe('SHA256:ZkAslGjFiUHdGf/WUL8rQvkib4PTvQatUV0OUQSncCA');
});

test('when a key is malformed or its type is too long, returns null', () => {
  expect(keyTypeOf(written(Buffer.from('ssh-ed25519')))).toBe('ssh-ed25519');
  expect(keyTypeOf(written(Buffer.from('ssh-ed25519')).subarray(0, 9))).toBeNull();
  expect(keyTypeOf(written(Buffer.alloc(65, 'x')))).toBeNull();
});

test('when an integer has leading zeros, does not count them', () => {
  expect(
    [[], [0, 0], [1], [0, 0x7f], [0x80, 0], [1, 0, 1]].map((bytes) => bitLength(Uint8Array.from(bytes))),
  ).toEqual([0, 0, 1, 7, 16, 17]);
});
