import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findLockFaults } from './lockFile.ts';

const integrity = `sha512-${'A'.repeat(86)}==`;
const good = { version: '1.0.0', integrity };
const lockOf = (packages: Record<string, object>) => ({
  lockfileVersion: 3,
  packages: { '': {}, ...packages },
});
const read = (name: string): unknown =>
  JSON.parse(readFileSync(join(import.meta.dirname, '..', name), 'utf8'));

test('when the lock file of this repository is checked, it has no faults', () => {
  expect(findLockFaults(read('package-lock.json'), read('package.json'))).toEqual([]);
});

test.each([
  ['has no hash', { version: '1.0.0' }, 'has no integrity hash'],
  [
    'has a SHA-1',
    { ...good, integrity: 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=' },
    'has an integrity hash that is not one SHA-512',
  ],
  [
    'has a weaker hash too',
    { ...good, integrity: `${integrity} sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=` },
    'has an integrity hash that is not one SHA-512',
  ],
  [
    'has a cut hash',
    { ...good, integrity: integrity.slice(0, 60) },
    'has an integrity hash that is not one SHA-512',
  ],
  [
    'names a host',
    { ...good, resolved: 'https://packages.example/a-1.0.0.tgz' },
    'names where it is downloaded from',
  ],
  [
    'comes from git',
    { version: 'git+ssh://git@example.com/a.git#0123456', integrity },
    'has no exact version, so it may come from git or from a file',
  ],
  [
    'comes from a file',
    { version: 'file:../a', integrity },
    'has no exact version, so it may come from git or from a file',
  ],
  [
    'is another package under its name',
    { ...good, name: 'other' },
    'is another package under this name: other',
  ],
  ['is a link', { ...good, link: true }, 'is a link to a folder'],
  [
    'lies in another package',
    { ...good, inBundle: true },
    'comes inside another package, without a hash of its own',
  ],
  [
    'has an install script',
    { ...good, hasInstallScript: true },
    'has an install script that allowScripts of package.json does not name',
  ],
])('when an entry %s, it is named as a fault', (_what, entry, fault) => {
  const lock = lockOf({ 'node_modules/b': good, 'node_modules/b/node_modules/@s/a': entry });
  expect(findLockFaults(lock, {})).toEqual([`node_modules/b/node_modules/@s/a ${fault}`]);
});

test('when package.json names a package with install scripts, it is no fault', () => {
  const lock = lockOf({ 'node_modules/@s/a': { ...good, hasInstallScript: true } });
  expect(findLockFaults(lock, { allowScripts: { '@s/a': false } })).toEqual([]);
});

test('when a package is outside node_modules, it is named as a fault', () => {
  expect(findLockFaults(lockOf({ 'packages/a': good }), {})).toEqual(['packages/a is outside node_modules']);
});

test('when package.json has a range or another version than the lock file, it is named as a fault', () => {
  const lock = lockOf({ 'node_modules/a': good, 'node_modules/b': good });
  expect(
    findLockFaults(lock, { dependencies: { a: '^1.0.0' }, devDependencies: { b: '2.0.0', c: '1.0.0' } }),
  ).toEqual([
    'package.json: b 2.0.0 is not the locked version',
    'package.json: c 1.0.0 is not the locked version',
    'package.json: a is not pinned to an exact version',
  ]);
});

test('when the file is no lock file or an old one, that is the fault', () => {
  expect(findLockFaults({}, {})).toEqual(['package-lock.json is not a lock file of npm']);
  expect(findLockFaults({ ...lockOf({}), lockfileVersion: 2 }, {})).toEqual([
    'package-lock.json does not have the format version 3',
  ]);
});
