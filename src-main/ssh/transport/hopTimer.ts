/** A hop may have several slow steps, but not more time in all than so many of them **[ours]**. */
const maxSteps = 3;

/** The time limits of each step of one hop, and of all. Time in which the user is asked does not count. */
export type HopTimer = {
  /** Begins the next step, because the server has answered: a busy one may need the time limit for each. */
  answered: () => void;
  /** Pauses the time limit while `work` runs. */
  whilePaused: <T>(work: () => Promise<T>) => Promise<T>;
  stop: () => void;
};

/** `onTimeout` gets the limit that was exceeded: of one step, or of all. */
export function createHopTimer(timeoutMs: number, onTimeout: (limitMs: number) => void): HopTimer {
  let leftMs = timeoutMs;
  let laterMs = timeoutMs * (maxSteps - 1);
  let startedAt = performance.now();
  let stopped = false;
  let pauses = 0;
  const end = () => onTimeout(laterMs === 0 ? timeoutMs * maxSteps : timeoutMs);
  let timer = setTimeout(end, leftMs);
  const run = () => {
    startedAt = performance.now();
    timer = setTimeout(end, Math.max(0, leftMs));
  };
  return {
    answered() {
      if (stopped) return;
      if (pauses === 0) {
        clearTimeout(timer);
        leftMs -= performance.now() - startedAt;
      }
      const usedMs = Math.min(timeoutMs - leftMs, laterMs);
      laterMs -= usedMs;
      leftMs += usedMs;
      if (pauses === 0) run();
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
