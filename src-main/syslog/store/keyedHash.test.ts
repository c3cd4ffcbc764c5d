import { expect, test } from 'vitest';
import { KeyedHash } from './keyedHash.ts';

const key = Buffer.from('0123456789abcdef', 'hex');
const hashOf = (text: string, withKey = key) => {
  const hash = new KeyedHash(withKey);
  const bytes = Buffer.from(`..${text}.`);
  hash.hash(bytes, 2, bytes.length - 1);
  return `${hash.low},${hash.high}`;
};

test('when texts differ by a byte or in length, their hashes differ', () => {
  const texts = Array.from({ length: 20_000 }, (_, at) => `word${at}`);
  const padded = ['', 'a', 'a\0', 'a\0\0', 'a\0\0\0', 'a\0\0\0\0', '\0a'];
  expect(new Set([...texts, ...padded].map((text) => hashOf(text))).size).toBe(20_007);
});

test('when the key differs, the hash differs', () => {
  expect(hashOf('sshd')).toBe(hashOf('sshd'));
  expect(hashOf('sshd')).not.toBe(hashOf('sshd', Buffer.from('0123456789abcdee', 'hex')));
});

test('spreads its bits evenly', () => {
  const hash = new KeyedHash(key);
  const ones = Array.from({ length: 64 }, () => 0);
  for (let at = 0; at < 10_000; at += 1) {
    const bytes = Buffer.from(`req${at}`);
    hash.hash(bytes, 0, bytes.length);
    for (let bit = 0; bit < 64; bit += 1)
      if ((((bit < 32 ? hash.low : hash.high) >>> (bit % 32)) & 1) === 1) ones[bit] = (ones[bit] ?? 0) + 1;
  }
  // Six standard deviations of a fair coin.
  for (const count of ones) expect(Math.abs(count - 5000)).toBeLessThan(300);
});
