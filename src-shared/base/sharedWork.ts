/**
 * Runs `work` once for all who ask before it begins; one run at a time. Who asks during a run shares the next one, so no
 * caller gets a result that was begun before it asked.
 */
export function createSharedWork<Result>(work: () => Promise<Result>): () => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  let next: Promise<Result> | null = null;
  const begin = () => {
    next = null;
    return work();
  };
  return () => {
    if (next === null) last = next = last.then(begin, begin);
    return next;
  };
}
