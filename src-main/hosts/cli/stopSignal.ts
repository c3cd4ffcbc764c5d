import { race } from '../../../src-shared/base/race.ts';
import { hourMs } from '../../../src-shared/base/time.ts';
import { AppError } from '../../../src-shared/errors.ts';
import { watchReader } from './readerGone.ts';

/**
 * Resolves `reached` and aborts `signal` with CANCELLED on the first SIGINT or SIGTERM. A second signal ends the process at
 * once. With `needsReader`, also reacts when the reader closes the output pipe, as `| head` does. After `release`, the
 * first signal ends the process.
 */
export function stopSignal(options: { needsReader?: boolean } = {}): {
  reached: Promise<void>;
  /** Waits for `reached`, and keeps the process running until then: listeners for signals don't. */
  wait: () => Promise<void>;
  signal: AbortSignal;
  release: () => void;
} {
  const controller = new AbortController();
  const { promise: reached, resolve } = Promise.withResolvers<void>();
  const stop = () => {
    controller.abort(new AppError('CANCELLED', 'Stopped.'));
    resolve();
  };
  const names = ['SIGINT', 'SIGTERM'] as const;
  for (const name of names) process.once(name, stop);
  if (options.needsReader === true) watchReader(stop);
  return {
    reached,
    wait: async () => {
      const hold = setInterval(() => undefined, hourMs);
      await reached.finally(() => clearInterval(hold));
    },
    signal: controller.signal,
    release: () => {
      for (const name of names) process.off(name, stop);
    },
  };
}

/** Settles like `work`, but throws CANCELLED at once on the first signal. */
export async function untilStopped<Result>(
  work: (signal: AbortSignal) => Promise<Result>,
  options: { needsReader?: boolean } = {},
): Promise<Result> {
  const { signal, release } = stopSignal(options);
  try {
    return await race(work(signal), { signal });
  } finally {
    release();
  }
}
