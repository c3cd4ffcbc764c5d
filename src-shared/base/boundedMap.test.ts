import { expect, test } from 'vitest';
import { createBoundedMap } from './boundedMap.ts';

test('when it is full, forgets the entry that was used longest ago', () => {
  const map = createBoundedMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 2);
  expect(map.get('a')).toBe(1);
  map.set('c', 3);
  expect(map.entries()).toEqual([
    ['a', 1],
    ['c', 3],
  ]);
  expect(map.get('b')).toBeUndefined();
});

test('when it begins with too many entries, keeps the last ones', () => {
  expect(
    createBoundedMap(1, [
      ['a', 1],
      ['b', 2],
    ]).entries(),
  ).toEqual([['b', 2]]);
});
