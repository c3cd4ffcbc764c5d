/**
 * Calls `work` every `everyMs` milliseconds until the returned function is called. Errors of `work` go to `onError`,
 * and the next round runs as usual. The timer does not keep the process alive.
 */
export function every(options: {
  everyMs: number;
  work: () => void;
  onError: (thrown: unknown) => void;
}): () => void {
  const timer = setInterval(() => {
    try {
      options.work();
    } catch (thrown) {
      options.onError(thrown);
    }
  }, options.everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
