import { describe, expect, test } from 'vitest';
import { firstWithoutPorts } from './allotNew.ts';

const within = { first: 2200, last: 2299 };
/** Leaves 20 ports, then 30, then 10: sixty in all. */
const taken = [
  { first: 2220, last: 2239 },
  { first: 2270, last: 2289 },
];

describe('new tenants, one after the other', () => {
  test.each([
    [[], null],
    [[20, 20, 5], 2],
    [[20, 30], null],
    [[40], null],
    [[60], 0],
    [[20, 20, 20], 2],
    [[5, 5, 5], null],
  ])('with quotas of %j: the first without ports is %j', (quotas, index) => {
    expect(firstWithoutPorts({ within, taken, quotas })).toBe(index);
  });

  test('get the default first, so that even a small one needs a block of it', () => {
    const left = [{ first: 2210, last: 2299 }];
    expect(firstWithoutPorts({ within, taken: left, quotas: [5] })).toBe(0);
  });

  test('get the rest of a large one from another block where the first one ends', () => {
    expect(firstWithoutPorts({ within, taken, quotas: [40, 20] })).toBe(1);
  });

  test('do not change what they were told', () => {
    const before = structuredClone(taken);
    firstWithoutPorts({ within, taken, quotas: [20, 20] });
    expect(taken).toEqual(before);
  });
});
