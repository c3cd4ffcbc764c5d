/** A line of two texts. `before` and `after`: its number in each, from 1; null if it is not there. */
export type DiffLine = { text: string; before: number | null; after: number | null };

/** With more differences, all lines between the first and the last one count as different. */
const maxEdits = 800;

function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/u);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** How many lines are equal at the start. */
function countEqual(old: readonly string[], next: readonly string[]): number {
  const most = Math.min(old.length, next.length);
  let count = 0;
  while (count < most && old[count] === next[count]) count += 1;
  return count;
}

type Match = readonly [before: number, after: number];

/** The lines that both have, by Myers’ algorithm. None if there are more than `maxEdits` differences. */
function findMatches(old: readonly string[], next: readonly string[]): Match[] {
  const limit = Math.min(old.length + next.length, maxEdits);
  const middle = limit + 1;
  const furthest = new Int32Array(2 * middle + 1);
  const rounds: Int32Array[] = [];
  for (let edits = 0; edits <= limit; edits += 1) {
    rounds.push(furthest.slice());
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      let x = comesFromAbove(furthest, middle, diagonal, edits)
        ? (furthest[middle + diagonal + 1] ?? 0)
        : (furthest[middle + diagonal - 1] ?? 0) + 1;
      while (x < old.length && x - diagonal < next.length && old[x] === next[x - diagonal]) x += 1;
      furthest[middle + diagonal] = x;
      if (x >= old.length && x - diagonal >= next.length)
        return walkBack(rounds, middle, [old.length, next.length]);
    }
  }
  return [];
}

function comesFromAbove(furthest: Int32Array, middle: number, diagonal: number, edits: number): boolean {
  if (diagonal === -edits) return true;
  return (
    diagonal !== edits && (furthest[middle + diagonal - 1] ?? 0) < (furthest[middle + diagonal + 1] ?? 0)
  );
}

function walkBack(rounds: readonly Int32Array[], middle: number, end: Match): Match[] {
  const matches: Match[] = [];
  let [x, y] = end;
  for (const [index, furthest] of rounds.toReversed().entries()) {
    const edits = rounds.length - 1 - index;
    const diagonal = x - y;
    const from = comesFromAbove(furthest, middle, diagonal, edits) ? diagonal + 1 : diagonal - 1;
    const fromX = furthest[middle + from] ?? 0;
    const fromY = fromX - from;
    while (x > fromX && y > fromY) {
      x -= 1;
      y -= 1;
      matches.push([x, y]);
    }
    [x, y] = [fromX, fromY];
  }
  return matches.toReversed();
}

/** The lines of both texts in order: equal ones once, removed ones before added ones. */
export function diffLines(before: string, after: string): DiffLine[] {
  const [old, next] = [linesOf(before), linesOf(after)];
  const start = countEqual(old, next);
  const ends = [old.slice(start).toReversed(), next.slice(start).toReversed()] as const;
  const end = countEqual(...ends);
  const [oldEnd, nextEnd] = [old.length - end, next.length - end];
  const matches: Match[] = [
    ...Array.from({ length: start }, (_, at): Match => [at, at]),
    ...findMatches(old.slice(start, oldEnd), next.slice(start, nextEnd)).map(([x, y]): Match => [
      x + start,
      y + start,
    ]),
    ...Array.from({ length: end }, (_, at): Match => [oldEnd + at, nextEnd + at]),
  ];
  const lines: DiffLine[] = [];
  let [x, y] = [0, 0];
  for (const [nextX, nextY] of [...matches, [old.length, next.length] as const]) {
    for (; x < nextX; x += 1) lines.push({ text: old[x] ?? '', before: x + 1, after: null });
    for (; y < nextY; y += 1) lines.push({ text: next[y] ?? '', before: null, after: y + 1 });
    const text = old[x];
    if (text !== undefined && y < next.length) lines.push({ text, before: x + 1, after: y + 1 });
    x += 1;
    y += 1;
  }
  return lines;
}
