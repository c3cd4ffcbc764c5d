import { decodeLogBytes } from '../../../../src-shared/model/syslog/logBytes.ts';
import { foldCase } from '../../../../src-shared/model/syslog/query/logQuery.ts';
import { lineFlags, type Columns } from '../columns.ts';
import { contentEnd, findLineEnds } from '../pieces.ts';

/** Strings beyond this length go to V8's space for large objects, where regular expressions run slower. */
const maxStringBytes = 96 * 1024;

/** Lines that are looked at before all are searched. */
const nearLines = 4;

/** Neighbouring lines as one string with a character for each byte. Other characters than ASCII are not readable in it. */
export type Piece = { text: string; offset: number; firstLine: number; endLine: number };

/**
 * The lines of a block as a query reads them: its text is read and decoded only if a term needs it. `source` and
 * `appliance` are those of all lines.
 */
export function createBlockView(block: {
  columns: Columns;
  readText: () => Buffer;
  appliance: string;
  /** Folds a text until the next one is folded. */
  fold: (bytes: Buffer) => Buffer;
}) {
  const { columns } = block;
  let text: Buffer | null = null;
  let ends: Uint32Array | null = null;
  let longest: number | null = null;
  let pieces: Piece[] | null = null;
  let notAscii: number[] | null = null;

  const getText = () => (text ??= block.readText());
  const getEnds = () => (ends ??= findLineEnds(getText(), columns.count, columns.breaks));
  const start = (line: number) => (line === 0 ? 0 : (getEnds()[line - 1] ?? 0));
  const end = (line: number) => getEnds()[line] ?? 0;
  const isAscii = (line: number) => ((columns.flags[line] ?? 0) & lineFlags.notAscii) === 0;
  /** The content of a line, without its line end, as text. */
  const content = (line: number): string => {
    const from = start(line);
    const to = contentEnd(getText(), from, end(line));
    return isAscii(line)
      ? getText().toString('latin1', from, to)
      : decodeLogBytes(getText().subarray(from, to));
  };

  return {
    appliance: block.appliance,
    columns,
    text: getText,
    start,
    end,
    contentEnd: (line: number) => contentEnd(getText(), start(line), end(line)),
    content,
    foldedContent: (line: number) => foldCase(content(line)),
    isAscii,
    /** The length of the longest line with its end, in bytes. */
    longest: (): number => {
      if (longest !== null) return longest;
      longest = 0;
      let from = 0;
      for (const to of getEnds()) {
        if (to - from > longest) longest = to - from;
        from = to;
      }
      return longest;
    },
    /** The lines that are not ASCII. They are read one by one. */
    notAscii: (): number[] => {
      if (notAscii !== null) return notAscii;
      notAscii = [];
      for (let line = 0; line < columns.count; line += 1) if (!isAscii(line)) notAscii.push(line);
      return notAscii;
    },
    /** The text with folded ASCII letters. Valid until another block is folded. */
    folded: (): Buffer => block.fold(getText()),
    /** The line at an offset, searched from line `from` on. */
    lineAt: (offset: number, from: number): number => {
      const all = getEnds();
      // Most often it is the same line or one soon after it.
      for (let line = from; line < from + nearLines; line += 1) if ((all[line] ?? 0) > offset) return line;
      let low = Math.min(from + nearLines, all.length - 1);
      let high = all.length - 1;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((all[middle] ?? 0) > offset) high = middle;
        else low = middle + 1;
      }
      return low;
    },
    pieces: (): Piece[] => {
      if (pieces !== null) return pieces;
      pieces = [];
      for (let line = 0; line < columns.count;) {
        const [firstLine, offset] = [line, start(line)];
        do line += 1;
        while (line < columns.count && (getEnds()[line] ?? 0) - offset <= maxStringBytes);
        pieces.push({
          text: getText().toString('latin1', offset, start(line)),
          offset,
          firstLine,
          endLine: line,
        });
      }
      return pieces;
    },
  };
}

export type BlockView = ReturnType<typeof createBlockView>;
