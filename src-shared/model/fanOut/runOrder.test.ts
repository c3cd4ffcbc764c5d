import { expect, test } from 'vitest';
import { defaultCanary, planWaves } from './runOrder.ts';

const appliances = [
  { id: 'a', isProduction: false },
  { id: 'b', isProduction: true },
  { id: 'c', isProduction: false },
  { id: 'd', isProduction: false },
  { id: 'e', isProduction: true },
];

test('when a run is planned, the canary is alone, and no wave mixes production with others', () => {
  expect(planWaves(appliances, { canaryId: 'c', wave: 2 })).toEqual([
    { name: 'Canary', isCanary: true, ids: ['c'] },
    { name: 'Others', isCanary: false, ids: ['a', 'd'] },
    { name: 'Production', isCanary: false, ids: ['b', 'e'] },
  ]);
});

test('when the canary takes no part, there is none', () => {
  expect(planWaves(appliances.slice(0, 1), { canaryId: 'x', wave: 5 })).toEqual([
    { name: 'All', isCanary: false, ids: ['a'] },
  ]);
});

test('when no canary is chosen, it is the first that is not production', () => {
  expect(defaultCanary(appliances.slice(1))).toBe('c');
  expect(defaultCanary(appliances.slice(1, 2))).toBe('b');
  expect(defaultCanary([])).toBeNull();
});
