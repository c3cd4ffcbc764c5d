/** Enough to keep the kernel busy, and few enough for a process that may open only 64 files. */
const maxConcurrent = 16;

/** Like `Promise.all` over `items`, but only a few run at once. */
export async function mapInBatches<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let at = 0; at < items.length; at += maxConcurrent)
    results.push(...(await Promise.all(items.slice(at, at + maxConcurrent).map(work))));
  return results;
}
