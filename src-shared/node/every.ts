/**
 * Calls `work` each `everyMs` milliseconds until the function that it returns is called. What `work` throws goes to
 * `onError` and the next round tries again. The timer alone does not keep the process alive.
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
