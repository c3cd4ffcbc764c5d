import { afterEach, expect, test, vi } from 'vitest';
import { race } from './race.ts';

afterEach(() => {
  vi.useRealTimers();
});

const late = () => 'late';
const pending = new Promise<never>(() => {});

test('when the work settles first, settles like the work and leaves no timer', async () => {
  vi.useFakeTimers();
  await expect(race(Promise.resolve('done'), { timeoutMs: 1000, onTimeout: late })).resolves.toBe('done');
  await expect(race(Promise.reject(new Error('no')), { timeoutMs: 1000, onTimeout: late })).rejects.toThrow(
    'no',
  );
  expect(vi.getTimerCount()).toBe(0);
});

test('when the timeout is over first, returns the result of onTimeout or throws its error', async () => {
  vi.useFakeTimers();
  const settled: unknown[] = [];
  void race(pending, { timeoutMs: 1000, onTimeout: late }).then((value) => settled.push(value));
  void race(pending, {
    timeoutMs: 1000,
    onTimeout: () => {
      throw new Error('too late');
    },
  }).catch((thrown: unknown) => settled.push(thrown));
  await vi.advanceTimersByTimeAsync(999);
  expect(settled).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(settled).toEqual(['late', new Error('too late')]);
});

test('when the signal aborts, rejects with its reason and ignores a later failure of the work', async () => {
  const controller = new AbortController();
  const work = Promise.withResolvers<never>();
  const raced = race(work.promise, { signal: controller.signal });
  controller.abort(new Error('link lost'));
  await expect(raced).rejects.toThrow('link lost');
  work.reject(new Error('ignored'));
});

test('when the signal has aborted already, rejects even if the work is done', async () => {
  const signal = AbortSignal.abort(new Error('gone'));
  await expect(race(Promise.resolve(1), { signal })).rejects.toThrow('gone');
});

test('when many races use the same signal, removes all listeners from it', async () => {
  const { signal } = new AbortController();
  const added = vi.spyOn(signal, 'addEventListener');
  const removed = vi.spyOn(signal, 'removeEventListener');
  for (let round = 0; round < 20; round += 1) await race(Promise.resolve(round), { signal });
  expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(
    added.mock.calls.map(([, listener]) => listener),
  );
});
