/**
 * Calls `work` every `everyMs` milliseconds until the returned function is called. Errors of `work` go to
 * `onError` and don't stop the calls. The timer doesn't keep the process alive.
 */
export function callEvery(options: {
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
