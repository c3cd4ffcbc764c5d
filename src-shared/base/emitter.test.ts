import { expect, test } from 'vitest';
import { createEmitter } from './emitter.ts';

test('when a listener is removed, only the others get the next event', () => {
  const emitter = createEmitter<[number]>();
  const first: number[] = [];
  const second: number[] = [];
  const stop = emitter.on((value) => first.push(value));
  emitter.on((value) => second.push(value));
  emitter.emit(1);
  stop();
  stop();
  emitter.emit(2);
  expect({ first, second, isEmpty: emitter.isEmpty() }).toEqual({
    first: [1],
    second: [1, 2],
    isEmpty: false,
  });
});

test('when a listener removes itself during an event, the others still get that event', () => {
  const emitter = createEmitter();
  const calls: string[] = [];
  const stop = emitter.on(() => {
    calls.push('first');
    stop();
  });
  emitter.on(() => calls.push('second'));
  emitter.emit();
  emitter.emit();
  expect(calls).toEqual(['first', 'second', 'second']);
});
