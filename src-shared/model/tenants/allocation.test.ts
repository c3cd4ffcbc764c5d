import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { countPorts, listPorts, type PortRange } from './ports.ts';
import { allotPorts, findFirstWithoutPorts } from './allocation.ts';

const within = { first: 2200, last: 2259 };

/** Random changes as pairs of a tenant and its new quota. */
const history = fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 25 })), {
  maxLength: 30,
});

type Step = { before: PortRange[]; after: PortRange[] | null; others: PortRange[]; count: number };

function play(steps: readonly (readonly [number, number])[]): Step[] {
  const holders = new Map<number, PortRange[]>();
  return steps.map(([tenant, count]) => {
    const before = holders.get(tenant) ?? [];
    const others = [...holders].filter(([id]) => id !== tenant).flatMap(([, ports]) => ports);
    const after = allotPorts({ within, own: before, others, count });
    if (after !== null) holders.set(tenant, after);
    return { before, after, others, count };
  });
}

describe('allotPorts', () => {
  it('allots each port once, inside the range, and as many as requested', () => {
    fc.assert(
      fc.property(history, (steps) => {
        for (const { after, others, count } of play(steps)) {
          if (after === null) continue;
          const ports = listPorts(after);
          expect(ports).toHaveLength(count);
          expect(new Set([...ports, ...listPorts(others)]).size).toBe(count + countPorts(others));
          expect(ports.every((port) => port >= within.first && port <= within.last)).toBe(true);
        }
      }),
    );
  });

  it('when a tenant grows, it keeps all ports; when it shrinks, it keeps the lowest', () => {
    fc.assert(
      fc.property(history, (steps) => {
        for (const { before, after, count } of play(steps)) {
          if (after === null) continue;
          const had = listPorts(before);
          const has = listPorts(after);
          const kept = count >= had.length ? had : had.slice(0, count);
          expect(has.filter((port) => had.includes(port))).toEqual(kept);
        }
      }),
    );
  });

  it('when a tenant is new, gives it the lowest free contiguous block, or null if no block is large enough', () => {
    fc.assert(
      fc.property(history, fc.integer({ min: 1, max: 25 }), (steps, count) => {
        const taken = new Set(listPorts(play(steps).at(-1)?.others ?? []));
        const others = [...taken].map((port) => ({ first: port, last: port }));
        const starts = listPorts([within]).filter((start) =>
          Array.from({ length: count }, (_, index) => start + index).every(
            (port) => port <= within.last && !taken.has(port),
          ),
        );
        const [lowest] = starts;
        const expected = lowest === undefined ? null : [{ first: lowest, last: lowest + count - 1 }];
        expect(allotPorts({ within, own: [], others, count })).toEqual(expected);
      }),
    );
  });

  it('when a tenant grows, extends its block if possible, otherwise adds the lowest free block', () => {
    const own = [{ first: 2210, last: 2219 }];
    expect(allotPorts({ within, own, others: [], count: 15 })).toEqual([{ first: 2210, last: 2224 }]);
    expect(allotPorts({ within, own, others: [{ first: 2222, last: 2230 }], count: 15 })).toEqual([
      { first: 2200, last: 2204 },
      { first: 2210, last: 2219 },
    ]);
  });
});

describe('when new tenants are allotted in order', () => {
  const within = { first: 2200, last: 2299 };
  /** Leaves free blocks of 20, 30 and 10 ports. */
  const taken = [
    { first: 2220, last: 2239 },
    { first: 2270, last: 2289 },
  ];

  test.each([
    [[], null],
    [[20, 20, 5], 2],
    [[20, 30], null],
    [[40], null],
    [[60], 0],
    [[20, 20, 20], 2],
    [[5, 5, 5], null],
  ])('with quotas of %j, the first without ports is %j', (quotas, index) => {
    expect(findFirstWithoutPorts({ within, taken, quotas })).toBe(index);
  });

  test('each needs a block of the default quota first, even if its quota is smaller', () => {
    const left = [{ first: 2210, last: 2299 }];
    expect(findFirstWithoutPorts({ within, taken: left, quotas: [5] })).toBe(0);
  });

  test('a large quota may continue in another block', () => {
    expect(findFirstWithoutPorts({ within, taken, quotas: [40, 20] })).toBe(1);
  });

  test('the arguments are not changed', () => {
    const before = structuredClone(taken);
    findFirstWithoutPorts({ within, taken, quotas: [20, 20] });
    expect(taken).toEqual(before);
  });
});
