import { watchReader } from './readerGone.ts';

/**
 * Resolves, and aborts `signal`, on the first SIGINT or SIGTERM; the second ends the process at once. With `needsReader`,
 * also when the reader of the output pipe is gone, as after `| head`.
 */
export function stopSignal(options: { needsReader?: boolean } = {}): {
  reached: Promise<void>;
  signal: AbortSignal;
} {
  const controller = new AbortController();
  const reached = new Promise<void>((resolve) => {
    const stop = () => {
      controller.abort();
      resolve();
    };
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, stop);
    if (options.needsReader === true) watchReader(stop);
  });
  return { reached, signal: controller.signal };
}
