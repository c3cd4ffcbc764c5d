export type FairQueue = {
  /** Runs `work` when the owner's turn comes; settles with its result or error. */
  run: <Result>(owner: string, work: () => Promise<Result>) => Promise<Result>;
};

/** Runs one task at a time. Owners take turns, so that one owner's long queue doesn't delay the others. */
export function createFairQueue(): FairQueue {
  /** Waiting tasks by owner. The first owner in the map runs next. */
  const waiting = new Map<string, (() => Promise<void>)[]>();
  let isRunning = false;

  async function runAll(): Promise<void> {
    if (isRunning) return;
    isRunning = true;
    for (let [first] = waiting; first !== undefined; [first] = waiting) {
      const [owner, works] = first;
      await works.shift()?.();
      // Move the owner to the end, so that every other waiting owner runs first.
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
