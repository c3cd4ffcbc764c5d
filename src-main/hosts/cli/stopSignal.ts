import { watchReader } from './readerGone.ts';

/**
 * Resolves `reached` and aborts `signal` on the first SIGINT or SIGTERM. A second signal ends the process at
 * once. With `needsReader`, also reacts when the reader closes the output pipe, as `| head` does.
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
