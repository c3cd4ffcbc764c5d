/**
 * `start` calls `work` after `delayMs`; calls until then change nothing. What `work` throws goes to `onError`. The timer
 * alone does not keep the process alive.
 */
export function createDelayed(options: {
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
