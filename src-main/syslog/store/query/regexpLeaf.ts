import { foldCase } from '../../../../src-shared/model/syslog/query/logQuery.ts';
import { compileRegexp, type RegexpQuery } from '../../../../src-shared/model/syslog/query/linearRegexp.ts';
import { createNativeRegexp } from '../../../../src-shared/model/syslog/query/nativeRegexp.ts';
import {
  countBits,
  eachBit,
  emptyBitmap,
  hasBit,
  isEmpty,
  nextBit,
  setBit,
  sharedBits,
  withoutBits,
  type Bitmap,
} from './bitmap.ts';
import { requiredLiterals } from './regexpLiterals.ts';
import { createTextLeaf } from './textLeaf.ts';
import type { BlockView, Piece } from './blockView.ts';

/** Up to so many lines of 32 are tested one by one, as strings of their own. */
const maxSinglesPerWord = 2;
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

/** Finds the lines that have a literal as its bytes, and perhaps lines where it goes on in the next one. */
function findBytes(view: BlockView, bytes: Buffer): Bitmap {
  const found = emptyBitmap(view.columns.count);
  const text = view.text();
  let line = 0;
  for (let at = text.indexOf(bytes); at !== -1; at = text.indexOf(bytes, view.end(line))) {
    line = view.lineAt(at, line);
    setBit(found, line);
  }
  return found;
}

/** The lines that can match: those with the longest text that each hit has. Null if that is not known. */
function createPrefilter(query: RegexpQuery): ((view: BlockView, mask: Bitmap) => Bitmap) | null {
  const [literal = ''] = requiredLiterals(query).toSorted((left, right) => right.length - left.length);
  if (literal.length < minLiteral) return null;
  if (query.flags === 'i') return createTextLeaf(foldCase(literal), false);
  const bytes = Buffer.from(literal);
  // Without folding, bytes are searched as they are.
  return (view, mask) => sharedBits(findBytes(view, bytes), mask);
}

type Search = { view: BlockView; piece: Piece; mask: Bitmap; found: Bitmap };

/** Finds lines in pieces of a block by V8’s engine. None is too long for it. */
function createPieceSearch(
  native: NonNullable<ReturnType<typeof createNativeRegexp>>,
  query: RegexpQuery,
  matches: (line: string) => boolean,
) {
  const many = new RegExp(keepInLine(native.regexp.source), `${query.flags}gmu`);
  /** Beside an anchor, a match in many lines may be none in its line alone. An empty match is in no line for sure. */
  const isExact =
    !/[\^$]|\\[bB]/u.test(native.regexp.source.replaceAll('[^', '[')) && !native.regexp.test('');

  /** Searches the lines of the mask from `from` to before `to`. Skips the lines between them. */
  function searchLines({ view, piece, mask, found }: Search, from: number, to: number): void {
    let line = nextBit(mask, from);
    if (line === -1 || line >= to) return;
    const offset = view.start(from);
    const text = piece.text.slice(offset - piece.offset, view.end(to - 1) - piece.offset);
    while (line !== -1 && line < to) {
      many.lastIndex = view.start(line) - offset;
      // A test is cheaper than a match: it tells the end alone, which suffices if no match is empty.
      const match = isExact ? null : many.exec(text);
      if (isExact ? !many.test(text) : match === null) return;
      // An empty match at the end is in no line.
      if (match !== null && match.index >= text.length) return;
      const end = offset + many.lastIndex;
      line = view.lineAt(match === null ? end - 1 : offset + match.index, line);
      const isSure = isExact && end <= view.contentEnd(line);
      if (hasBit(mask, line) && (isSure || matches(view.content(line)))) setBit(found, line);
      line = nextBit(mask, line + 1);
    }
  }
  return (search: Search): void => {
    const { view, piece, mask, found } = search;
    if (view.columns.breaks.length === 0 && view.longest() <= native.maxLength)
      return searchLines(search, piece.firstLine, piece.endLine);
    let from = piece.firstLine;
    for (let line = from; line < piece.endLine; line += 1) {
      if (view.end(line) - view.start(line) <= native.maxLength && !isCut(view, line)) continue;
      searchLines(search, from, line);
      if (hasBit(mask, line) && matches(view.content(line))) setBit(found, line);
      from = line + 1;
    }
    searchLines(search, from, piece.endLine);
  };
}

/** Finds the lines of `mask` that match a regular expression. */
export function createRegexpLeaf(query: RegexpQuery): (view: BlockView, mask: Bitmap) => Bitmap {
  const matches = compileRegexp(query);
  const native = createNativeRegexp(query);
  const searchPiece = native === null ? null : createPieceSearch(native, query, matches);
  const prefilter = createPrefilter(query);

  return (view, all) => {
    const found = emptyBitmap(view.columns.count);
    const testSingly = (line: number) => {
      if (matches(view.content(line))) setBit(found, line);
    };
    const others = emptyBitmap(view.columns.count);
    for (const line of view.notAscii())
      if (hasBit(all, line)) {
        setBit(others, line);
        testSingly(line);
      }
    const ascii = withoutBits(all, others);
    const mask = prefilter === null ? ascii : prefilter(view, ascii);
    if (searchPiece === null || countBits(mask) < mask.length * maxSinglesPerWord) eachBit(mask, testSingly);
    else if (!isEmpty(mask)) for (const piece of view.pieces()) searchPiece({ view, piece, mask, found });
    return found;
  };
}
