import { describeLookAlike, findLookAlikes } from '../../base/lookAlikes.ts';
import { findEncodingFault } from '../../base/textEncoding.ts';
import { createPatternMatcher, type PatternMatcher } from '../../base/wildcard.ts';

/** A directive of ssh_config. It applies if all of its enclosing `Host` blocks match. */
export type SshDirective = {
  keyword: string;
  values: string[];
  /** Whether an alias is in each enclosing block. Null for a `Match` block, which is not supported. */
  blocks: readonly (PatternMatcher | null)[];
  place: string;
};

export type SshConfigFile = { name: string; text: string };
/** Returns the files that an `Include` names, in order. Expands wildcards and relative paths. */
export type ReadInclude = (pattern: string) => readonly SshConfigFile[];

const maxDepth = 16;
const maxFiles = 64;
const maxLines = 20_000;
const maxLine = 4_096;

/**
 * Splits a value into words at spaces. Quotes, double or single, keep spaces; a backslash escapes a quote
 * **[doc]**. Null if a quote is not closed.
 */
function readWords(text: string): string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at] ?? '';
    const next = text[at + 1] ?? '';
    if (sign === '\\' && (/["'\\]/u.test(next) || (next === ' ' && quote === ''))) {
      word = (word ?? '') + next;
      at += 1;
    } else if (sign === quote || (quote === '' && (sign === '"' || sign === "'"))) {
      quote = quote === '' ? sign : '';
      word ??= '';
    } else if (/\s/u.test(sign) && quote === '') {
      if (word !== null) words.push(word);
      word = null;
    } else if (sign === '#' && word === null && quote === '') break;
    else word = (word ?? '') + sign;
  }
  if (quote !== '') return null;
  return word === null ? words : [...words, word];
}

/**
 * Reads `Keyword value`, `Keyword=value` or `Keyword = value`. Null for an empty line or a comment. An error
 * sentence if the line is invalid.
 */
function readDirective(line: string): { keyword: string; values: string[] } | string | null {
  const text = line.trim();
  if (text === '' || text.startsWith('#')) return null;
  if (text.length > maxLine) return `longer than ${maxLine} characters`;
  const match = /^"?([A-Za-z][A-Za-z0-9]*)"?(?:\s*=\s*|\s+)(.*)$/su.exec(text);
  if (match === null) return 'not a keyword followed by a value';
  const values = readWords(match[2] ?? '');
  if (values === null) return 'a quote is not closed';
  return values.length === 0
    ? 'not a keyword followed by a value'
    : { keyword: (match[1] ?? '').toLowerCase(), values };
}

/**
 * Reads all directives in order and expands each `Include`. `problems` names unsupported parts. Never throws.
 */
export function readSshConfigSyntax(
  file: SshConfigFile,
  readInclude: ReadInclude,
): { directives: SshDirective[]; problems: string[] } {
  const directives: SshDirective[] = [];
  const problems: string[] = [];
  let files = 0;
  let linesLeft = maxLines;

  function include(values: readonly string[], place: string, blocks: SshDirective['blocks'], depth: number) {
    if (depth >= maxDepth) {
      problems.push(`${place}: Include is nested deeper than ${maxDepth} files; it is ignored.`);
      return;
    }
    for (const pattern of values) {
      const unsupported = /\$\{[^}]*\}?/u.exec(pattern)?.[0];
      if (unsupported !== undefined)
        problems.push(`${place}: Include has ${unsupported}, which is not supported; it is ignored.`);
      for (const included of unsupported === undefined ? readInclude(pattern) : []) {
        if (files > maxFiles) return;
        read(included, blocks, depth + 1);
      }
    }
  }

  function read({ name, text }: SshConfigFile, outer: SshDirective['blocks'], depth: number): void {
    files += 1;
    if (files > maxFiles) {
      problems.push(`More than ${maxFiles} files are included; the rest is ignored.`);
      return;
    }
    const fault = findEncodingFault(text);
    if (fault !== null) problems.push(`${name}: ${fault.message}.`);
    let blocks = outer;
    for (const [index, line] of (fault?.isUtf16 === true ? (fault.plain ?? '') : text)
      .replace(/^\ufeff/u, '')
      .split(/\r\n?|\n/u)
      .entries()) {
      linesLeft -= 1;
      if (linesLeft === 0) problems.push(`There are more than ${maxLines} lines; the rest is ignored.`);
      if (linesLeft <= 0) return;
      const place = `${name}, line ${index + 1}`;
      const directive = readDirective(line);
      if (directive === null) continue;
      if (typeof directive === 'string') {
        problems.push(`${place}: ${directive}; it is ignored.`);
        continue;
      }
      const { keyword, values } = directive;
      // ssh takes them as parts of the value.
      const [lookAlike] = findLookAlikes(values.join(' '));
      if (lookAlike !== undefined)
        problems.push(`${place}: the value holds ${describeLookAlike(lookAlike)}.`);
      if (keyword === 'host') blocks = [...outer, createPatternMatcher(values)];
      else if (keyword === 'match') {
        blocks = [...outer, null];
        problems.push(`${place}: Match is not supported; its block is ignored.`);
      } else if (keyword === 'include') include(values, place, blocks, depth);
      // Keep Host lines too, because they name the hosts that can be imported.
      if (keyword !== 'match') directives.push({ keyword, values, blocks, place });
    }
  }

  read(file, [], 0);
  return { directives, problems };
}
