/** Height of a row that is not wrapped, pixels. */
export const lineHeight = 20;

/** The top of each row, and the end of the last one. Rows that were not measured count as one line. */
export function topsOf(ids: readonly { id: string }[], heights: ReadonlyMap<string, number>): Float64Array {
  const tops = new Float64Array(ids.length + 1);
  ids.forEach(({ id }, index) => {
    tops[index + 1] = (tops[index] ?? 0) + (heights.get(id) ?? lineHeight);
  });
  return tops;
}

/** The index of the row at a position. */
export function rowAt(tops: Float64Array, position: number): number {
  let [low, high] = [0, Math.max(0, tops.length - 2)];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((tops[middle] ?? 0) <= position) low = middle;
    else high = middle - 1;
  }
  return low;
}
