import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createByteFolder } from './foldBytes.ts';

test('folds each ASCII letter and no other byte', () => {
  const fold = createByteFolder();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
      const lower = bytes.map((byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte));
      expect([...fold(bytes)]).toEqual([...lower]);
    }),
  );
  const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  expect(fold(all).toString('latin1')).toBe(
    Buffer.from(all)
      .toString('latin1')
      .replaceAll(/[A-Z]/gu, (letter) => letter.toLowerCase()),
  );
});
