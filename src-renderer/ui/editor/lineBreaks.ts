/**
 * Offsets between a text and the editor's document, which counts every line break as one unit. Offsets are in UTF-16
 * units.
 */
export function createLineBreaks(text: string) {
  const pairs = text.includes('\r\n') ? Array.from(text.matchAll(/\r\n/gu), ({ index }) => index) : [];
  const countBefore = (offset: number, positionOf: (pair: number, at: number) => number): number => {
    let low = 0;
    let high = pairs.length;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (positionOf(pairs[middle] ?? 0, middle) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    /** What the text has at the end of its lines. */
    lineBreak: pairs.length > 0 ? '\r\n' : '\n',
    toDocument: (offset: number) => offset - countBefore(offset, (pair) => pair),
    toText: (offset: number) => offset + countBefore(offset, (pair, at) => pair - at),
  };
}
export type LineBreaks = ReturnType<typeof createLineBreaks>;
