import { expect, test } from 'vitest';
import { untilStopped } from './stopSignal.ts';

const countListeners = () => ['SIGINT', 'SIGTERM'].map((name) => process.listenerCount(name));

test.each(['SIGINT', 'SIGTERM'] as const)(
  'when %s comes during work, throws CANCELLED at once',
  async (name) => {
    const before = countListeners();
    let reason: unknown;
    const stopped = untilStopped((signal) => {
      signal.addEventListener('abort', () => (reason = signal.reason));
      return new Promise(() => undefined);
    });
    process.emit(name);
    await expect(stopped).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(reason).toMatchObject({ code: 'CANCELLED' });
    expect(countListeners()).toEqual(before);
  },
);

test('when work ends, settles like it, and the next signal ends the process as usual', async () => {
  const before = countListeners();
  expect(await untilStopped(async () => 7)).toBe(7);
  await expect(untilStopped(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(countListeners()).toEqual(before);
});
