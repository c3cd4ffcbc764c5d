import { afterEach, expect, test, vi } from 'vitest';
import { callEvery } from './callEvery.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('when a call fails, passes on its error and continues until stopped', () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const failures: unknown[] = [];
  let rounds = 0;
  const stop = callEvery({
    everyMs: 100,
    work: () => {
      rounds += 1;
      if (rounds === 1) throw new Error('disk full');
    },
    onError: (thrown) => failures.push(thrown),
  });
  vi.advanceTimersByTime(250);
  stop();
  vi.advanceTimersByTime(1000);
  expect(rounds).toBe(2);
  expect(failures).toEqual([new Error('disk full')]);
});
