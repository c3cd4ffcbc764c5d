import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createHopTimer } from './hopTimer.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function world() {
  const ended = vi.fn<(limitMs: number) => void>();
  return { ended, timer: createHopTimer(100, ended) };
}

test('when the server does not answer, ends after the limit', () => {
  const { ended } = world();
  vi.advanceTimersByTime(99);
  expect(ended).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(ended.mock.calls).toEqual([[100]]);
});

test('when each step is answered late, ends after the limit of all steps', () => {
  const { ended, timer } = world();
  for (let step = 0; step < 3; step += 1) {
    vi.advanceTimersByTime(90);
    timer.answered();
  }
  expect(ended).not.toHaveBeenCalled();
  vi.advanceTimersByTime(29);
  timer.answered();
  expect(ended).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(ended.mock.calls).toEqual([[300]]);
});

test('while the user is asked, no time passes, also if the server answers meanwhile', async () => {
  const { ended, timer } = world();
  vi.advanceTimersByTime(60);
  const question = Promise.withResolvers<void>();
  const asking = timer.whilePaused(() => question.promise);
  vi.advanceTimersByTime(1000);
  timer.answered();
  vi.advanceTimersByTime(1000);
  question.resolve();
  await asking;
  vi.advanceTimersByTime(99);
  expect(ended).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(ended.mock.calls).toEqual([[100]]);
});

test('after the end, an answer starts nothing again', () => {
  const { ended, timer } = world();
  timer.stop();
  timer.answered();
  vi.advanceTimersByTime(1000);
  expect(ended).not.toHaveBeenCalled();
});
