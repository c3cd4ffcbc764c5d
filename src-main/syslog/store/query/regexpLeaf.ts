import { foldCase } from '../../../../src-shared/model/syslog/query/logQuery.ts';
import { compileRegexp } from '../../../../src-shared/model/syslog/query/linearRegexp.ts';
import { createNativeRegexp } from '../../../../src-shared/model/syslog/query/nativeRegexp.ts';
import { countBits, eachBit, emptyBitmap, hasBit, setBit, type Bitmap } from './bitmap.ts';
import { requiredLiterals } from './regexpLiterals.ts';
import { createTextLeaf } from './textLeaf.ts';
import type { BlockView, Piece } from './blockView.ts';

/** Fewer lines than this share of a block are tested one by one. */
const maxSingleShare = 1 / 4;
/** A shorter text is in most lines. */
const minLiteral = 3;

/**
 * The same expression for ASCII lines, but it never matches a newline, so that it can search many lines at once: a match
 * stays inside a line, and so does the time it takes.
 */
function keepInLine(source: string): string {
  return source.replaceAll(/\\.|\[\^?(?:\\.|[^\]\\])*\]/gsu, (token) => {
    if (token === String.raw`\D`) return String.raw`[^\d\n]`;
    if (token === String.raw`\W`) return String.raw`[^\w\n]`;
    if (!token.startsWith('[')) return token;
    const classes = token.replaceAll(String.raw`\n`, '').replaceAll('\n', '');
    return classes.startsWith('[^') ? `[^\\n${classes.slice(2)}` : classes;
  });
}

/** Whether no newline is before or after the line: anchors would not see where it begins or ends. */
function isCut({ columns, start, end }: BlockView, line: number): boolean {
  const { breaks } = columns;
  return breaks.length > 0 && (breaks.includes(start(line)) || breaks.includes(end(line)));
}

type Search = { view: BlockView; piece: Piece; mask: Bitmap; found: Bitmap };

/** Finds the lines of `mask` that match a regular expression. */
export function createRegexpLeaf(query: {
  source: string;
  flags: '' | 'i';
}): (view: BlockView, mask: Bitmap) => Bitmap {
  const matches = compileRegexp(query);
  const native = createNativeRegexp(query);
  const many = native === null ? null : new RegExp(keepInLine(native.regexp.source), `${query.flags}gmu`);
  /** Beside an anchor, a match in many lines may be none in its line alone. */
  const isExact = native !== null && !/[\^$]|\\[bB]/u.test(native.regexp.source.replaceAll('[^', '['));

  /** Searches the lines from `from` to before `to` of a piece, none of which is too long for V8's engine. */
  function searchLines(search: Search, from: number, to: number): void {
    const { view, piece, mask, found } = search;
    if (many === null || from >= to) return;
    const offset = view.start(from);
    const text = piece.text.slice(offset - piece.offset, view.end(to - 1) - piece.offset);
    many.lastIndex = 0;
    let line = from;
    for (let match = many.exec(text); match !== null; match = many.exec(text)) {
      // An empty match at the end is in no line.
      if (match.index >= text.length) break;
      const at = offset + match.index;
      line = view.lineAt(at, line);
      if (hasBit(mask, line) && view.isAscii(line)) {
        const isInside = isExact && match[0].length > 0 && at + match[0].length <= view.contentEnd(line);
        if (isInside || matches(view.content(line))) setBit(found, line);
      }
      many.lastIndex = view.end(line) - offset;
    }
  }
  function searchPiece(search: Search, maxLength: number): void {
    const { view, piece, mask, found } = search;
    let from = piece.firstLine;
    for (let line = from; line < piece.endLine; line += 1) {
      if (view.end(line) - view.start(line) <= maxLength && !isCut(view, line)) continue;
      searchLines(search, from, line);
      if (hasBit(mask, line) && matches(view.content(line))) setBit(found, line);
      from = line + 1;
    }
    searchLines(search, from, piece.endLine);
  }

  /** The longest text that each hit has: only lines that have it are tested. */
  const [literal = ''] = requiredLiterals(query).toSorted((left, right) => right.length - left.length);
  const findLiteral = literal.length < minLiteral ? null : createTextLeaf(foldCase(literal), false);

  return (view, all) => {
    const { count } = view.columns;
    const mask = findLiteral?.(view, all) ?? all;
    const found = emptyBitmap(count);
    const testSingly = (line: number) => {
      if (matches(view.content(line))) setBit(found, line);
    };
    if (native === null || countBits(mask) < count * maxSingleShare) {
      eachBit(mask, testSingly);
      return found;
    }
    for (const line of view.notAscii()) if (hasBit(mask, line)) testSingly(line);
    for (const piece of view.pieces()) searchPiece({ view, piece, mask, found }, native.maxLength);
    return found;
  };
}
