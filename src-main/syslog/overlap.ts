/** How many of the last lines are compared. With their time stamps, this many lines hardly ever repeat. */
export const overlapContext = 32;

/**
 * Where `fetched` continues `seen` (raw lines, oldest first): the index of the first new line, or null if the last seen
 * line is not in `fetched`. Of several positions, the longest match wins, then the latest.
 */
export function findContinuation(seen: readonly string[], fetched: readonly string[]): number | null {
  const last = seen.at(-1);
  if (last === undefined) return 0;
  let best: { index: number; length: number } | null = null;
  for (let end = fetched.length - 1; end >= 0; end -= 1) {
    if (fetched[end] !== last) continue;
    const most = Math.min(seen.length, end + 1, overlapContext);
    let length = 1;
    while (length < most && fetched[end - length] === seen[seen.length - 1 - length]) length += 1;
    // A match must reach back to the start of one of the lists. A single repeated line is no continuation.
    const isWhole = length === Math.min(seen.length, overlapContext) || length === end + 1;
    if (isWhole && (best === null || length > best.length)) best = { index: end + 1, length };
  }
  return best?.index ?? null;
}
