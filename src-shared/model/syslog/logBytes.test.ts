import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeLogBytes, encodeLogText, showDamagedBytes } from './logBytes.ts';

test.each<[string, number[], string]>([
  ['ASCII', [0x61, 0x00, 0x62], 'a\0b'],
  ['UTF-8 with a byte order mark', [0xef, 0xbb, 0xbf, 0xc3, 0xbc], '\ufeffü'],
  ['Latin-1', [0x67, 0x72, 0xfc, 0x6e], 'gr\\xFCn'],
  ['a sequence that was cut', [0x61, 0xe2, 0x82], 'a\\xE2\\x82'],
  ['a sequence that was cut before a letter', [0xf0, 0x9f, 0x61], '\\xF0\\x9Fa'],
  ['an overlong slash', [0xc0, 0xaf], '\\xC0\\xAF'],
  ['an encoded surrogate', [0xed, 0xa0, 0x80], '\\xED\\xA0\\x80'],
  ['a code point that does not exist', [0xf4, 0x90, 0x80, 0x80], '\\xF4\\x90\\x80\\x80'],
  ['an emoji before a bad byte', [0xf0, 0x9f, 0x94, 0x91, 0xff], '🔑\\xFF'],
])('when the bytes are %s, shows them and keeps them', (_name, bytes, shown) => {
  const text = decodeLogBytes(Uint8Array.from(bytes));
  expect(showDamagedBytes(text)).toBe(shown);
  expect([...encodeLogText(text)]).toEqual(bytes);
});

test('when bytes are random, they are the same after decoding and encoding', () => {
  const near = fc.constantFrom(0x41, 0x80, 0xbf, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xff);
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.array(near).map((list) => Uint8Array.from(list)),
      ),
      (bytes) => {
        expect([...encodeLogText(decodeLogBytes(bytes))]).toEqual([...bytes]);
      },
    ),
    { numRuns: 2000 },
  );
});

test('when text is valid UTF-8, it is decoded as always', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(decodeLogBytes(new TextEncoder().encode(text))).toBe(text);
      expect(showDamagedBytes(text)).toBe(text);
    }),
  );
});
