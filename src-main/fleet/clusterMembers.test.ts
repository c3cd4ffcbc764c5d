import { expect, test } from 'vitest';
import { anEntry } from '../../test-support/anEntry.ts';
import { createClusterMembers } from './clusterMembers.ts';

const entry = (id: string, cluster: string) => ({ ...anEntry(id), id, cluster });

test('when appliances share a cluster, each leads to all of them, and others are alone', () => {
  let list = [entry('a', 'north'), entry('b', ''), entry('c', 'north'), entry('d', '')];
  const membersOf = createClusterMembers({ list: () => list });
  expect(['a', 'b', 'c', 'd', 'removed'].map(membersOf)).toEqual([
    ['a', 'c'],
    ['b'],
    ['a', 'c'],
    ['d'],
    ['removed'],
  ]);
  list = [entry('a', ''), entry('c', 'north'), entry('d', 'north')];
  expect(['a', 'c', 'd'].map(membersOf)).toEqual([['a'], ['c', 'd'], ['c', 'd']]);
});
