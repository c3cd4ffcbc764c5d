export type FairQueue = {
  /** Runs `work` once it is the owner's turn; settles as it does. */
  run: <Result>(owner: string, work: () => Promise<Result>) => Promise<Result>;
};

/** Runs one work at a time. Owners with several take turns, so that a long queue delays its owner alone. */
export function createFairQueue(): FairQueue {
  /** By owner; the owner that comes next stands first. */
  const waiting = new Map<string, (() => Promise<void>)[]>();
  let isRunning = false;

  async function runAll(): Promise<void> {
    if (isRunning) return;
    isRunning = true;
    for (let [first] = waiting; first !== undefined; [first] = waiting) {
      const [owner, works] = first;
      await works.shift()?.();
      // Behind those that came since.
      waiting.delete(owner);
      if (works.length > 0) waiting.set(owner, works);
    }
    isRunning = false;
  }

  return {
    run: (owner, work) =>
      new Promise((resolve, reject) => {
        const works = waiting.get(owner) ?? [];
        works.push(async () => {
          try {
            resolve(await work());
          } catch (thrown) {
            reject(thrown);
          }
        });
        waiting.set(owner, works);
        void runAll();
      }),
  };
}
