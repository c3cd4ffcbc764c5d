import { expect, test } from 'vitest';
import { createMemo } from './memo.ts';

const fail = () => {
  throw new Error('unreadable');
};

test('when no cause has changed, returns the same object and does not compute it again', () => {
  const memo = createMemo<string, object>();
  const cause = {};
  let made = 0;
  const read = (key: string, causes: readonly unknown[]) =>
    memo.get(key, causes, () => ({ number: (made += 1) }));
  const first = read('kiln-01', [cause, 1]);
  expect(read('kiln-01', [cause, 1])).toBe(first);
  expect(read('kiln-02', [cause, 1])).not.toBe(first);
  expect(read('kiln-01', [{}, 1])).toEqual({ number: 3 });
  expect(read('kiln-01', [cause, 1])).toEqual({ number: 4 });
  expect(read('kiln-01', [cause, 1, undefined])).toEqual({ number: 5 });
});

test('when a key is forgotten, computes its result again', () => {
  const memo = createMemo<string, object>();
  const first = memo.get('kiln-01', [], () => ({}));
  memo.forget('kiln-01');
  expect(memo.get('kiln-01', [], () => ({}))).not.toBe(first);
});

test('when computing a result fails, the next call tries again', () => {
  const memo = createMemo<string, number>();
  expect(() => memo.get('kiln-01', [], fail)).toThrow('unreadable');
  expect(memo.get('kiln-01', [], () => 1)).toBe(1);
});
