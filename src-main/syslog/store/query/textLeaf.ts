import { hasWord } from '../../../../src-shared/model/syslog/query/matchLine.ts';
import { isWordByte } from '../words.ts';
import { emptyBitmap, hasBit, setBit, type Bitmap } from './bitmap.ts';
import type { BlockView } from './blockView.ts';

const ascii = /^[\0-\x7f]*$/u;

/** Whether no word goes on at `at`: it is outside of the line, or no byte of a word. */
const isEdge = (text: Buffer, at: number, start: number, end: number) =>
  at < start || at >= end || !isWordByte(text[at] ?? 0);

/** Finds the lines of `mask` that contain a folded text, as a whole word or anywhere. */
export function createTextLeaf(needle: string, isWord: boolean): (view: BlockView, mask: Bitmap) => Bitmap {
  const fitsLine = (line: string) => (isWord ? hasWord(line, needle) : line.includes(needle));
  const isAsciiNeedle = ascii.test(needle);
  const bytes = Buffer.from(needle);

  return (view, mask) => {
    const found = emptyBitmap(view.columns.count);
    for (const line of view.notAscii())
      if (hasBit(mask, line) && fitsLine(view.foldedContent(line))) setBit(found, line);
    if (!isAsciiNeedle) return found;
    const text = view.folded();
    let line = 0;
    for (let at = text.indexOf(bytes); at !== -1;) {
      line = view.lineAt(at, line);
      const [start, end] = [view.start(line), view.contentEnd(line)];
      const to = at + bytes.length;
      // If one match reaches over the end of the line, all later ones of the line do.
      const isPossible = to <= end && hasBit(mask, line) && view.isAscii(line);
      const fits = !isWord || (isEdge(text, at - 1, start, end) && isEdge(text, to, start, end));
      if (isPossible && fits) setBit(found, line);
      at = text.indexOf(bytes, isPossible && !fits ? at + 1 : view.end(line));
    }
    return found;
  };
}
