/**
 * `start` calls `work` once after `delayMs`. Further calls of `start` until then do nothing. Errors of `work`
 * go to `onError`. The timer doesn't keep the process alive.
 */
export function createDelayedCall(options: {
  delayMs: number;
  work: () => void;
  onError: (thrown: unknown) => void;
}) {
  let timer: NodeJS.Timeout | null = null;

  function run(): void {
    timer = null;
    try {
      options.work();
    } catch (thrown) {
      options.onError(thrown);
    }
  }

  return {
    start: (): void => {
      timer ??= setTimeout(run, options.delayMs).unref();
    },
    cancel: (): void => {
      if (timer !== null) clearTimeout(timer);
      timer = null;
    },
  };
}
