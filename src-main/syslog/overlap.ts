/**
 * How many of the last lines are compared. So many consecutive lines with time stamps hardly ever occur
 * twice.
 */
export const maxComparedLines = 32;

/**
 * Finds where `fetched` continues `seen` (both raw lines, oldest first). Returns the index of the first new
 * line, or null if `fetched` does not contain the last seen line. Prefers the longest match, then the latest.
 */
export function findContinuation(seen: readonly string[], fetched: readonly string[]): number | null {
  const last = seen.at(-1);
  if (last === undefined) return 0;
  let best: { index: number; length: number } | null = null;
  for (let end = fetched.length - 1; end >= 0; end -= 1) {
    if (fetched[end] !== last) continue;
    const most = Math.min(seen.length, end + 1, maxComparedLines);
    let length = 1;
    while (length < most && fetched[end - length] === seen[seen.length - 1 - length]) length += 1;
    // The match must extend to the start of one of the lists, because a single line may have occurred before.
    const isWhole = length === Math.min(seen.length, maxComparedLines) || length === end + 1;
    if (isWhole && (best === null || length > best.length)) best = { index: end + 1, length };
  }
  return best?.index ?? null;
}
