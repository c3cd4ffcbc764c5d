import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createHeap } from './heap.ts';

test('when items are pushed and popped in any order, returns the smallest each time', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer({ min: -20, max: 20 }))), (steps) => {
      const heap = createHeap<number>((left, right) => left - right);
      const expected: number[] = [];
      for (const step of steps) {
        if (step !== null) {
          heap.push(step);
          expected.push(step);
          expected.sort((left, right) => left - right);
        }
        const popped = step === null ? [heap.pop(), expected.shift()] : [];
        expect(popped[0]).toBe(popped[1]);
        expect(heap.peek()).toBe(expected[0]);
        expect(heap.size()).toBe(expected.length);
      }
    }),
  );
});
