/** Text in which nothing is hidden, as most is: ASCII, Latin letters, dashes, quotation marks, bullets. */
const plainText = /^[\t\n\u0020-\u007e\u00a1-\u00ac\u00ae-\u024f\u2010-\u2027]*$/u;

/** The patterns of hidden characters. Making them takes a third of the start of a short program. */
function makePatterns() {
  /**
   * Code points that control the output, are invisible, or look like a plain space: controls, format and
   * direction marks, zero-width and tag characters, variation selectors, fillers, separators, lone surrogates.
   * Tab, line feed, space and the ideographic space are allowed.
   */
  const hiddenCharacter =
    /[[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Zs}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800]--[\t\n \u3000]]/v;
  /**
   * Sequences in which a hidden code point may be part of an emoji: joined emoji, emoji with a selector,
   * keycaps, flags made of tags.
   */
  const emojiSequence =
    /\p{Extended_Pictographic}[\p{Emoji_Modifier}\ufe0f]?(?:\u200d\p{Extended_Pictographic}[\p{Emoji_Modifier}\ufe0f]?){1,4}|\p{Extended_Pictographic}\ufe0f|[0-9#*]\ufe0f\u20e3|\u{1f3f4}[\u{e0030}-\u{e007a}]{3,8}\u{e007f}/v;
  return {
    hiddenCharacter,
    emoji: /^\p{RGI_Emoji}$/v,
    hiddenOrEmoji: new RegExp(`(${emojiSequence.source})|${hiddenCharacter.source}`, 'gv'),
    everyHidden: new RegExp(hiddenCharacter.source, 'gv'),
  };
}
let patterns: ReturnType<typeof makePatterns> | null = null;

/**
 * Maximum number of emoji sequences that are checked in one text, because each check is slow. In a text with
 * more, all hidden code points are replaced **[ours]**.
 */
const maxEmojiSequences = 32;

function visibleSign(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  return `\u27e8U+${code.toString(16).toUpperCase().padStart(4, '0')}\u27e9`;
}

function replaceHidden(text: string, replace: (character: string) => string): string {
  if (plainText.test(text)) return text;
  patterns ??= makePatterns();
  const { hiddenCharacter, hiddenOrEmoji, everyHidden, emoji } = patterns;
  if (!hiddenCharacter.test(text)) return text;
  let emojiLeft = maxEmojiSequences;
  return text.replace(hiddenOrEmoji, (match: string, sequence: string | undefined) => {
    if (sequence === undefined) return replace(match);
    emojiLeft -= 1;
    return emojiLeft >= 0 && emoji.test(sequence) ? sequence : sequence.replace(everyHidden, replace);
  });
}

/**
 * Makes text from a machine safe to show. Code points that control, hide or change direction are replaced by
 * visible signs, so that two different texts also look different. Emoji, accents, all scripts, line feeds and
 * tabs stay. Page and command line show machine text only this way.
 */
export function visibleText(text: string): string {
  return replaceHidden(text, visibleSign);
}

/** Like `visibleText`, for one line: line feeds and tabs are replaced too. */
export function visibleLine(text: string): string {
  return visibleText(text).replace(/[\n\t]/gu, visibleSign);
}

/**
 * Escapes hidden code points in JSON text as `\uXXXX`, so that they are visible and the JSON keeps its value.
 */
export function escapeInvisibleCharacters(json: string): string {
  return replaceHidden(json, (character) =>
    Array.from({ length: character.length }, (_, at) => {
      const unit = character.charCodeAt(at).toString(16).padStart(4, '0');
      return `\\u${unit}`;
    }).join(''),
  );
}

/** Removes the characters that `isPlainLine` does not allow. */
export function removeInvisibleCharacters(text: string): string {
  return replaceHidden(text, () => '').replace(/[\n\t\ufffd]/gu, '');
}

/**
 * Whether `text` is valid as a name: one line that `visibleLine` doesn't change, without broken UTF-8
 * (U+FFFD).
 */
export function isPlainLine(text: string): boolean {
  return !text.includes('\ufffd') && visibleLine(text) === text;
}

/** A text of another party in quotation marks that it can't end itself, so that it can't pass for our words. */
export function quoteText(text: string): string {
  return `“${visibleLine(text).replaceAll(/["“”„]/gu, '’')}”`;
}

/**
 * Shortens `text` to at most `length` characters and marks the cut. Never splits a surrogate pair, because
 * files and databases don't store half of a pair unchanged.
 */
export function shorten(text: string, length: number): string {
  if (length < 1) return '';
  return (text.length <= length ? text : `${text.slice(0, length - 1)}…`).toWellFormed();
}
