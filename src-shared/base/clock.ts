/** Current time and waiting for the code of a link. Tests pass a fake clock. */
export type Clock = {
  /** Epoch milliseconds. */
  now: () => number;
  /** Resolves after `milliseconds`, or at once when `signal` aborts; never rejects. */
  sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
};

export const systemClock: Clock = {
  now: Date.now,
  sleep(milliseconds, signal) {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, milliseconds);
      signal.addEventListener('abort', end, { once: true });
      if (signal.aborted) end();
    });
  },
};
