import { describeLookAlike, findLookAlikes, isInvisible, type LookAlike } from '../../base/lookAlikes.ts';
import { findEncodingFault } from '../../base/textEncoding.ts';
import type { Report, TextEdit } from './connectYamlFinding.ts';

/** Keys whose values are ASCII. Names of groups, paths and comments may hold any letters. */
const asciiKey = /^[\s\u200b\u2060]*(?:appliance|host_key|bind_address)\s*[:\uff1a\u2236\ua789\ufe55]/u;
const uriStart = /^[a-z0-9]+(?:\+[a-z]+)?:\/\/[^/?#]*/iu;
const tokens = /[^\s"'{}[\],]+/gu;
const quotes = /["']/u;

/** Further ones of a line are found after these are mended. Each is searched for in its whole line. */
const maxPerLine = 200;
/** How much of a line around a quote is read. */
const maxAroundQuote = 64;

type Line = {
  /** Offset of the line in the text. */
  from: number;
  /** The line without its comment. */
  code: string;
  /** Positions in double or single quotes. */
  isQuoted: (at: number) => boolean;
  /** Positions of a value that must be ASCII. */
  isAscii: (at: number) => boolean;
  hasUri: boolean;
};

type Found = LookAlike & { line: Line; edits: TextEdit[] };

/** Finds the quoted parts of a line and the start of its comment. */
function readQuotes(line: string): { quoted: [from: number, to: number][]; end: number } {
  const quoted: [number, number][] = [];
  let open: number | null = null;
  /** The last character that stays when the invisible ones are removed. */
  let last = ' ';
  for (let at = 0; at < line.length; at += 1) {
    const character = line[at] ?? '';
    if (isInvisible(character)) continue;
    const isSpaced = /[\s{}[\],]/u.test(last);
    last = character;
    if (open !== null) {
      if (character === '\\' && line[open] === '"') at += 1;
      else if (character === line[open]) {
        quoted.push([open, at]);
        open = null;
      }
    } else if (character === '#' && isSpaced) return { quoted, end: at };
    else if (isSpaced && quotes.test(character)) open = at;
  }
  return { quoted, end: line.length };
}

/** The text with plain characters instead of look-alikes, and for each of its characters the place in `text`. */
function makePlain(text: string, lookAlikes: readonly LookAlike[]): { plain: string; places: number[] } {
  const replaced = new Map(lookAlikes.map(({ at, plain }) => [at, plain ?? 'x']));
  const places: number[] = [];
  let plain = '';
  for (let at = 0; at < text.length; at += 1) {
    const character = replaced.get(at) ?? text[at] ?? '';
    plain += character;
    for (let index = 0; index < character.length; index += 1) places.push(at);
  }
  return { plain, places };
}

/** Finds the parts of a line that must be ASCII: values of some keys, and URIs up to their path. */
function findAsciiParts(code: string, lookAlikes: readonly LookAlike[]): [from: number, to: number][] {
  const key = asciiKey.exec(code);
  if (key !== null) return [[key[0].length, code.length]];
  return [...code.matchAll(tokens)].flatMap(({ 0: token, index }): [number, number][] => {
    const inside = lookAlikes.filter(({ at }) => at >= index && at < index + token.length);
    if (inside.length === 0) return [];
    const { plain, places } = makePlain(
      token,
      inside.map((lookAlike) => ({ ...lookAlike, at: lookAlike.at - index })),
    );
    // A curly quote in front of the URI is not part of it.
    const start = /^['"]/u.test(plain) ? 1 : 0;
    const uri = uriStart.exec(plain.slice(start));
    const last = uri === null ? undefined : places[start + uri[0].length - 1];
    return last === undefined ? [] : [[index, index + last + 1]];
  });
}

const within = (parts: readonly [number, number][]) => (at: number) =>
  parts.some(([from, to]) => at >= from && at < to);

const isEdge = (character: string | undefined) => character === undefined || /[\s:{}[\],]/u.test(character);

/** A space or invisible character outside quotes. Some are part of names: between ideographs, and in emoji. */
function findSpacing(line: Line, lookAlike: LookAlike): TextEdit[] | null {
  const { at, character, plain } = lookAlike;
  const { code, from } = line;
  const before = code[at - 1];
  const after = code[at + 1];
  const isInName = !isEdge(before) && !isEdge(after);
  if (line.isQuoted(at) && !line.isAscii(at)) return null;
  if (isInName && (character === '\u3000' || character === '\u200d')) return null;
  // A space inside a value may be part of it, so it is not certain what was meant.
  if (plain === ' ' && isInName && line.hasUri) return [];
  return plain === null ? [] : [{ from: from + at, to: from + at + 1, text: plain }];
}

/** Quotes around a name or value. A quote inside a name is part of it. */
function findQuotes(line: Line, lookAlikes: readonly LookAlike[], lookAlike: LookAlike): TextEdit[] | null {
  const { code, from } = line;
  const { at, plain } = lookAlike;
  const isOpening = (place: number) =>
    (place <= maxAroundQuote && /^[\s\u200b]*(?:-\s+)?$/u.test(code.slice(0, place))) ||
    /[:{[,]\s*$/u.test(code.slice(Math.max(0, place - maxAroundQuote), place));
  const isClosing = (place: number) =>
    /^\s*(?:$|[:,}\]])/u.test(code.slice(place + 1, place + 1 + maxAroundQuote));
  if (line.isQuoted(at) || (!isOpening(at) && !isClosing(at))) return null;
  if (!isOpening(at))
    return lookAlikes.some((other) => other.at < at && other.plain === plain && isOpening(other.at))
      ? null
      : [];
  const closing = lookAlikes.find((other) => other.at > at && other.plain === plain && isClosing(other.at));
  if (closing === undefined || /["'\\]/u.test(code.slice(at + 1, closing.at))) return [];
  return [at, closing.at].map((place) => ({ from: from + place, to: from + place + 1, text: plain ?? '' }));
}

/** A colon after a key. In a line with a plain colon after it, it is part of the key. */
function findColon(line: Line, { at }: LookAlike): TextEdit[] | null {
  const { code, from } = line;
  const isKey = /^\s*[^\s:{}[\],]+\s*$/u.test(code.slice(0, at)) && !/:(?:\s|$)/u.test(code.slice(at + 1));
  if (!isKey || line.isQuoted(at)) return null;
  const text = isEdge(code[at + 1]) ? ':' : ': ';
  return [{ from: from + at, to: from + at + 1, text }];
}

/** Returns the edits that make a look-alike plain, none if that is not certain, or null if it is part of a text. */
function judge(line: Line, lookAlikes: readonly LookAlike[], lookAlike: LookAlike): TextEdit[] | null {
  const { at, plain, character } = lookAlike;
  const isSpacing = plain === ' ' || plain === '' || /\p{Cf}/u.test(character);
  if (isSpacing) return findSpacing(line, lookAlike);
  const found =
    plain === '"' || plain === "'"
      ? findQuotes(line, lookAlikes, lookAlike)
      : plain === ':'
        ? findColon(line, lookAlike)
        : null;
  if (found !== null || !line.isAscii(at)) return found;
  if (plain === '"' || plain === "'") return null;
  return plain === null ? [] : [{ from: line.from + at, to: line.from + at + 1, text: plain }];
}

function findInText(text: string): Found[] {
  const found: Found[] = [];
  let from = 0;
  for (const written of text.split('\n')) {
    // The mark at the start of the file is a finding of its own.
    const start = from === 0 ? (/^\ufeff*/u.exec(written)?.[0].length ?? 0) : 0;
    const { quoted, end } = readQuotes(written);
    const code = written.slice(0, end);
    const lookAlikes = findLookAlikes(code)
      .filter(({ at }) => at >= start)
      .slice(0, maxPerLine);
    if (lookAlikes.length > 0) {
      const isAscii = within(findAsciiParts(code, lookAlikes));
      const hasUri = code
        .split(/\s+/u)
        .some((word) => word.includes('//', word.indexOf(':') + 1) && word.includes(':'));
      const line: Line = { from, code, isQuoted: within(quoted), isAscii, hasUri };
      for (const lookAlike of lookAlikes) {
        const edits = judge(line, lookAlikes, lookAlike);
        if (edits !== null) found.push({ ...lookAlike, line, edits });
      }
    }
    from += written.length + 1;
  }
  return found;
}

function explain({ character, name, plain }: LookAlike): string {
  const described = describeLookAlike({ character, name });
  if (plain === ' ') return `${described}, which YAML does not take for a space`;
  if (plain === '') return `${described}, which is invisible`;
  if (plain !== null) return `${described} instead of a plain ${plain}`;
  return /\p{Cf}/u.test(character) ? `${described}, which changes how the text is shown` : described;
}

/** Reports NULs and other encodings, with a fix if it is certain. Returns false if there are any. */
export function lintEncoding(text: string, report: Report): boolean {
  const fault = findEncodingFault(text);
  if (fault === null) return true;
  const line = text.slice(text.lastIndexOf('\n', fault.at) + 1, fault.at);
  // A comment in another encoding does no harm.
  if (text[fault.at] === '\ufffd' && readQuotes(line).end < line.length) return true;
  const fixes =
    fault.plain === null
      ? []
      : [
          {
            title: text.includes('\0\0') ? 'Remove the NUL bytes' : 'Write it as UTF-8',
            edits: [{ from: 0, to: text.length, text: fault.plain }],
            isSafe: true,
          },
        ];
  const place = { from: fault.at, to: fault.at + 1 };
  report({ code: 'C-1018', place, path: [], message: fault.message, fixes });
  return false;
}

/**
 * Reports characters that look like the ones that were meant: one finding for each kind of character, with a fix for all
 * places where it is certain. Returns false if there are any, because no other finding is certain then.
 */
export function lintCharacters(text: string, report: Report): boolean {
  const kinds = new Map<string, Found[]>();
  for (const found of findInText(text)) {
    const kind = kinds.get(found.name) ?? [];
    kind.push(found);
    kinds.set(found.name, kind);
  }
  for (const [first, ...others] of kinds.values()) {
    if (first === undefined) continue;
    const at = first.line.from + first.at;
    const edits = [first, ...others].flatMap((found) => found.edits);
    const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
    const title =
      first.plain === ' '
        ? 'Write plain spaces'
        : first.plain === ''
          ? 'Remove it'
          : `Write plain ${first.plain}`;
    report({
      code: 'C-1017',
      place: { from: at, to: at + first.character.length },
      path: [],
      message: `${explain(first)}${more}`,
      fixes: edits.length === 0 ? [] : [{ title, edits, isSafe: true }],
    });
  }
  return kinds.size === 0;
}
