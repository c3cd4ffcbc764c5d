import { expect, test } from 'vitest';
import { createFacetSum, maxFacetValues, noFacets } from './facets.ts';

test('when there are more values than are counted apart, the hits of further ones are counted together', () => {
  const sum = createFacetSum();
  const first = noFacets();
  for (let at = 0; at < maxFacetValues; at += 1) first.names.program.set(`p${at}`, 1);
  const second = noFacets();
  second.names.program.set('p7', 5);
  second.names.program.set('new', 3);
  sum.add(first);
  sum.add(second);
  const { program } = sum.report();
  expect(program.values[0]).toEqual({ value: 'p7', count: 6 });
  expect(program.values).toHaveLength(200);
  const shown = program.values.reduce((total, { count }) => total + count, 0);
  expect(shown + program.others).toBe(maxFacetValues + 8);
});
