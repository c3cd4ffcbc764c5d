/** The time limit of each step of one hop. Time in which the user is asked does not count. */
export type HopTimer = {
  /** Begins the next step, because the server has answered: a busy one may need the time limit for each. */
  answered: () => void;
  /** Pauses the time limit while `work` runs. */
  whilePaused: <T>(work: () => Promise<T>) => Promise<T>;
  stop: () => void;
};

export function createHopTimer(timeoutMs: number, onTimeout: () => void): HopTimer {
  let leftMs = timeoutMs;
  let startedAt = performance.now();
  let stopped = false;
  let pauses = 0;
  let timer = setTimeout(onTimeout, leftMs);
  const run = () => {
    startedAt = performance.now();
    timer = setTimeout(onTimeout, Math.max(0, leftMs));
  };
  return {
    answered() {
      if (stopped) return;
      leftMs = timeoutMs;
      if (pauses > 0) return;
      clearTimeout(timer);
      run();
    },
    async whilePaused(work) {
      if (pauses === 0) {
        clearTimeout(timer);
        leftMs -= performance.now() - startedAt;
      }
      pauses += 1;
      try {
        return await work();
      } finally {
        pauses -= 1;
        if (pauses === 0 && !stopped) run();
      }
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
