import { expect, test } from 'vitest';
import type { LogSource } from './logSource.ts';
import { findFileGaps } from './planGaps.ts';
import type { BadFile } from './survey.ts';

const source: LogSource = {
  id: 'first',
  device: '8',
  inode: '42',
  head: '',
  start: 0,
  end: null,
  offset: 100,
  anchor: '',
  order: 0,
  isComplete: true,
};
const bad: BadFile = { name: '.1', device: '8', inode: '42', problem: 'unreadable', text: 'denied' };

const gapsOf = (known: LogSource) =>
  findFileGaps({ bad: [bad], files: [], sourcesOf: () => [], all: [known] }).map(({ gap }) => gap.id);

test('when a rotated file becomes unreadable after all its lines were read, nothing is missing', () => {
  expect(gapsOf(source)).toEqual([]);
});

test.each(['unreadable', 'corrupt', 'no-unpacker'] as const)(
  'when a file is %s and nothing was read of it, its lines may be of any time',
  (problem) => {
    const gaps = findFileGaps({ bad: [{ ...bad, problem }], files: [], sourcesOf: () => [], all: [] });
    expect(gaps.map(({ gap }) => [gap.reason, gap.since])).toEqual([[problem, null]]);
  },
);

test.each([
  ['another file', { ...source, inode: '43' }],
  ['a file of another disk', { ...source, device: '9' }],
  ['the same file, of which lines were unread', { ...source, isComplete: false }],
])('when %s was read before, an unreadable file is a gap', (_what, known) => {
  expect(gapsOf(known)).toEqual(['8:42:unreadable']);
});
