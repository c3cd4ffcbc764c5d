import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hashInput } from '../../../src-shared/model/usage/hashedFields.ts';
import { createUserHash } from './userHash.ts';

const spellings: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => text.toUpperCase(),
  (text) => text.normalize('NFD'),
  (text) => ` ${text}\t`,
  (text) => `${text}\0`,
  (text) => `${text}${text}`,
  (text) => text.slice(1),
];
const base = fc.oneof(
  fc.constantFrom(
    'anna',
    'ab',
    'a',
    'b',
    'Anna@Plant.example',
    'jürgen',
    'İ',
    'ΣΑΣ',
    '',
    ' ',
    '\u0101a',
    'a\u0001',
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
);
const name = fc.option(
  fc.tuple(base, fc.constantFrom(...spellings)).map(([text, spell]) => spell(text)),
  { nil: null },
);
const user = fc.tuple(name, name);

/** What a hash stands for. Null without a user name. */
function identify([userName, userDomain]: [string | null, string | null]): string | null {
  const spelled = hashInput('userName', userName);
  return spelled === null ? null : JSON.stringify([spelled, hashInput('userDomain', userDomain) ?? '']);
}

test('when two users are hashed, they have the same hash exactly if name and domain are the same in one spelling', () => {
  const hashUser = createUserHash();
  const hash = ([userName, userDomain]: [string | null, string | null]) =>
    hashUser(userName, userDomain)?.join(' ') ?? null;
  const same = { equal: 0, different: 0 };
  fc.assert(
    fc.property(user, user, (one, other) => {
      const isSame = identify(one) === identify(other);
      same[isSame ? 'equal' : 'different'] += 1;
      expect(hash(one) === hash(other)).toBe(isSame);
    }),
    { numRuns: 20_000 },
  );
  expect(Math.min(same.equal, same.different)).toBeGreaterThan(100);
});

test('when another process hashes, its hashes are others, so that no collision can be prepared', () => {
  const [first, second] = [createUserHash(), createUserHash()].map((hashUser) =>
    hashUser('anna', null)?.join(),
  );
  expect(first).not.toBe(second);
});

test('when 200,000 names differ in few characters, no two have the same hash', () => {
  const hashUser = createUserHash();
  const hashes = new Set<string>();
  for (let number = 0; number < 200_000; number += 1)
    hashes.add(hashUser(`user${number}@plant.example`, 'plant.example')?.join() ?? '');
  expect(hashes.size).toBe(200_000);
});
