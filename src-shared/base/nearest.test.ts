import { expect, test } from 'vitest';
import { nearest } from './nearest.ts';

const names = ['smb', 'webdav', 'cmis', 'alfresco', 'cq5'] as const;

test.each([
  ['smbb', 'smb'],
  ['sbm', 'smb'],
  ['Web-Dav', 'webdav'],
  ['alfrsco', 'alfresco'],
  ['sxyb', null],
  ['ftp', null],
  ['', null],
  ['x'.repeat(41), null],
])('when %j is typed, %j is meant', (word, meant) => {
  expect(nearest(word, names)).toBe(meant);
});

test('when two candidates are equally near, neither is meant', () => {
  expect(nearest('group_c', ['group_a', 'group_b'])).toBeNull();
  expect(nearest('group_a1', ['group_a', 'group_b'])).toBe('group_a');
});
