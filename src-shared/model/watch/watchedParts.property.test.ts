import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyChange, findChange, type Parts } from './watchedParts.ts';

/** As it travels: a line of JSON. */
const travelled = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value));

const names = fc.constantFrom(
  'status',
  'licence',
  'networks',
  'tenant a',
  'tenant b',
  '__proto__',
  'tenant 1',
);
const fields = fc.dictionary(
  fc.constantFrom('a', 'b', 'c', 'toString', '0'),
  fc.jsonValue({ maxDepth: 2 }).map(travelled),
  {
    maxKeys: 4,
  },
);
const someParts = fc.array(fc.tuple(names, fields), { maxLength: 6 }).map((pairs): Parts => new Map(pairs));

const asObject = (parts: Parts) =>
  new Map([...parts].map(([name, part]) => [name, new Map(Object.entries(part))]));

test('when a snapshot changes any number of times, the changes lead to the last state', () => {
  fc.assert(
    fc.property(someParts, fc.array(someParts, { maxLength: 6 }), (snapshot, states) => {
      let told: Parts = snapshot;
      let before = snapshot;
      for (const next of states) {
        const change = findChange(before, next);
        if (change !== null) told = applyChange(told, travelled(change));
        before = next;
        expect(asObject(told)).toEqual(asObject(next));
      }
    }),
    { numRuns: 2000 },
  );
});

test('when one of a thousand tenants changes, the change names it and its field only', () => {
  const before: Parts = new Map(
    Array.from({ length: 1000 }, (_, at) => [`tenant ${at}`, { quota: 20, sessions: [at] }]),
  );
  const next = new Map(before).set('tenant 7', { quota: 20, sessions: [] });
  expect(findChange(before, next)).toEqual({ set: { 'tenant 7': { sessions: [] } }, unset: {}, gone: [] });
  expect(findChange(next, new Map(next))).toBeNull();
});
