import { expect, test } from 'vitest';
import { findSudoRefusal } from './privilege.ts';

const resolve = 'sudo: unable to resolve host kiln-01: Name or service not known';

test.each([
  ['sudo: a password is required\n', 'sudo: a password is required'],
  [`${resolve}\nsudo: a password is required\n`, 'sudo: a password is required'],
  [
    'Sorry, user ubuntu is not allowed to execute this.\n',
    'Sorry, user ubuntu is not allowed to execute this.',
  ],
  ['ubuntu is not in the sudoers file.\n', 'ubuntu is not in the sudoers file.'],
])('when sudo prints %j, counts it as a refusal', (stderr, words) => {
  expect(findSudoRefusal({ exitCode: 1, stderr })).toBe(words);
});

test.each([
  ['a warning beside a command that failed by itself', `${resolve}\nke_status: no such state\n`, 1],
  ['a warning beside a command that did well', `${resolve}\n`, 0],
  ['a command that is not there', 'sudo: ke_status: command not found\n', 1],
  ['a command that failed by itself', 'INTERNAL: no\n', 1],
])('when the command prints %s, does not count it as a refusal', (_what, stderr, exitCode) => {
  expect(findSudoRefusal({ exitCode, stderr })).toBeNull();
});
