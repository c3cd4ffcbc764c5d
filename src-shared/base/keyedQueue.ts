/** Runs tasks with the same key one after the other. Tasks with different keys run at the same time. */
export type KeyedQueue = { take: <Result>(key: string, work: () => Promise<Result>) => Promise<Result> };

export function createKeyedQueue(): KeyedQueue {
  const last = new Map<string, Promise<unknown>>();
  return {
    take: (key, work) => {
      const mine = (last.get(key) ?? Promise.resolve()).then(work, work);
      const settled = mine
        .catch(() => undefined)
        .finally(() => {
          if (last.get(key) === settled) last.delete(key);
        });
      last.set(key, settled);
      return mine;
    },
  };
}
