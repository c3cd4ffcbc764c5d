import { expect, test } from 'vitest';
import { listSetKeys, setKeys } from './setKeys.ts';

const present = `# of kiln-01
hostname: kiln-01.example
ssl:
  is_configured: true # since May
redis:
  password: "••••••••"
`;

test('when keys are set, all else stays byte for byte', () => {
  expect(setKeys(present, 'ssl:\n  is_configured: false\nlevel: 3\n')).toBe(
    `${present.replace('true', 'false')}level: 3\n`,
  );
});

test('when the configuration has the keys already, it stays the same', () => {
  expect(setKeys(present, 'ssl:\n  is_configured: true\n')).toBe(present);
});

test.each([
  ['', 'The keys can’t be used'],
  ['# nothing', 'The keys can’t be used'],
  ['a: [1', 'The keys can’t be used'],
  ['ssl:\n  is_configured: perhaps', 'ssl.is_configured must be true or false'],
  ['db:\n  password: hunter2', 'db.password may be a secret'],
  ['hostname: a\nhosts: {}', 'hosts has no keys or items'],
  ['hostname: a\nhosts:\n  - []', 'hosts[0] has no keys or items'],
  ['redis:\n  password: "••••••••"', 'redis.password may be a secret'],
])('rejects the keys %j with INVALID_INPUT', (keys, message) => {
  expect(() => listSetKeys(keys)).toThrow(
    expect.objectContaining({ code: 'INVALID_INPUT', message: expect.stringContaining(message) }),
  );
});

test('when a key can’t be set alone, rejects with INVALID_INPUT and names it', () => {
  expect(() => setKeys('ssl: { other: 1 }\n', 'ssl:\n  is_configured: true\n')).toThrow(
    /^ssl.is_configured can’t be set/u,
  );
});
