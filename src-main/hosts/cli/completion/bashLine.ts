/** The command line of Bash up to the cursor, split as Bash splits it, without expanding anything. */
export type BashLine = {
  words: string[];
  current: string;
  /** The quotation mark that is open at the cursor. */
  quote: '' | "'" | '"';
  /** The length of the part of `current` that Bash takes for an earlier word, and does not replace. */
  kept: number;
};

/** Escapes that a backslash has between double quotation marks. */
const escapedInDouble = /[$`"\\]/u;

/** Splits `line`. `breaks`: COMP_WORDBREAKS, at whose characters Bash begins to replace. */
export function splitBashLine(line: string, breaks: string): BashLine {
  const words: string[] = [];
  let current: string | null = null;
  let quote: BashLine['quote'] = '';
  let kept = 0;
  for (let at = 0; at < line.length; at += 1) {
    const character = line.charAt(at);
    const next = line.charAt(at + 1);
    const escapes = character === '\\' && (quote === '' || (quote === '"' && escapedInDouble.test(next)));
    if (escapes) {
      current = (current ?? '') + next;
      at += 1;
    } else if (character === quote) quote = '';
    else if (quote !== '') current += character;
    else if (character === "'" || character === '"') {
      current ??= '';
      kept = current.length;
      quote = character;
    } else if (/[ \t\n]/u.test(character)) {
      if (current !== null) words.push(current);
      current = null;
      kept = 0;
    } else {
      current = (current ?? '') + character;
      if (breaks.includes(character)) kept = current.length;
    }
  }
  return { words, current: current ?? '', quote, kept };
}

/** Characters that need no backslash. Letters of all scripts are plain for Bash. */
const needsBackslash = /[\p{White_Space}!-*;-?[-^`{-~]/gu;

/**
 * The candidate as Bash must insert it: without what it does not replace, and so that Bash reads it unchanged. Null if it
 * does not fit what is typed, or can't stand in the open quotation marks.
 */
export function quoteForBash(text: string, line: BashLine): string | null {
  if (!text.startsWith(line.current)) return null;
  const rest = text.slice(line.kept);
  if (line.quote !== '') return /["'$`\\!]/u.test(rest) ? null : rest;
  return rest.replace(needsBackslash, String.raw`\$&`);
}
