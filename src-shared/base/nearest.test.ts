import { expect, test } from 'vitest';
import { findNearest } from './nearest.ts';

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
])('when %j is typed, finds %j', (word, meant) => {
  expect(findNearest(word, names)).toBe(meant);
});

test('when two candidates are equally near, finds neither', () => {
  expect(findNearest('group_c', ['group_a', 'group_b'])).toBeNull();
  expect(findNearest('group_a1', ['group_a', 'group_b'])).toBe('group_a');
});
