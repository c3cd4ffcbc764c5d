import { watchReader } from './readerGone.ts';

/**
 * Resolves `reached` and aborts `signal` on the first SIGINT or SIGTERM. A second signal ends the process at
 * once. With `needsReader`, also reacts when the reader closes the output pipe, as `| head` does. After `release`, the
 * first signal ends the process.
 */
export function stopSignal(options: { needsReader?: boolean } = {}): {
  reached: Promise<void>;
  signal: AbortSignal;
  release: () => void;
} {
  const controller = new AbortController();
  const { promise: reached, resolve } = Promise.withResolvers<void>();
  const stop = () => {
    controller.abort();
    resolve();
  };
  const names = ['SIGINT', 'SIGTERM'] as const;
  for (const name of names) process.once(name, stop);
  if (options.needsReader === true) watchReader(stop);
  return {
    reached,
    signal: controller.signal,
    release: () => {
      for (const name of names) process.off(name, stop);
    },
  };
}
