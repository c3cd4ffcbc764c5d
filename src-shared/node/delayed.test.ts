import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createDelayedCall } from './delayed.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('when it is started several times within the delay, runs the work once', () => {
  const work = vi.fn<() => void>();
  const delayed = createDelayedCall({ delayMs: 250, work, onError: vi.fn<() => void>() });
  delayed.start();
  vi.advanceTimersByTime(200);
  delayed.start();
  expect(work).toHaveBeenCalledTimes(0);
  vi.advanceTimersByTime(50);
  expect(work).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(1_000);
  expect(work).toHaveBeenCalledTimes(1);
});

test('when the work fails, reports the error, and the next start runs it again', () => {
  const onError = vi.fn<(thrown: unknown) => void>();
  const work = vi.fn<() => void>(() => {
    throw new Error('full disk');
  });
  const delayed = createDelayedCall({ delayMs: 10, work, onError });
  delayed.start();
  vi.advanceTimersByTime(10);
  delayed.start();
  vi.advanceTimersByTime(10);
  expect(onError.mock.calls).toEqual([[new Error('full disk')], [new Error('full disk')]]);
});

test('when it is cancelled, does not run the work', () => {
  const work = vi.fn<() => void>();
  const delayed = createDelayedCall({ delayMs: 10, work, onError: vi.fn<() => void>() });
  delayed.start();
  delayed.cancel();
  vi.advanceTimersByTime(100);
  expect(work).toHaveBeenCalledTimes(0);
});
