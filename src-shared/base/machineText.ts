/**
 * Code points that act, that no one sees, or that look like a plain space: controls, format and direction signs,
 * zero-width and tag characters, variation selectors, fillers, separators, halves of surrogate pairs. Tab, line feed,
 * space and the ideographic space are ordinary text.
 */
const hidden =
  /[[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Zs}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800]--[\t\n \u3000]]/v;

/** Where such a code point may belong to an emoji: joined ones, those with a selector, keycaps, and flags made of tags. */
const joined =
  /\p{Extended_Pictographic}[\p{Emoji_Modifier}\ufe0f]?(?:\u200d\p{Extended_Pictographic}[\p{Emoji_Modifier}\ufe0f]?){1,4}|\p{Extended_Pictographic}\ufe0f|[0-9#*]\ufe0f\u20e3|\u{1f3f4}[\u{e0030}-\u{e007a}]{3,8}\u{e007f}/v;
const emoji = /^\p{RGI_Emoji}$/v;
const hiddenOrJoined = new RegExp(`(${joined.source})|${hidden.source}`, 'gv');
const everyHidden = new RegExp(hidden.source, 'gv');
/** To compare with the list of emoji takes time; a text with more of them gets signs instead **[ours]**. */
const maxJoinedEmoji = 32;

function signOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  return `\u27e8U+${code.toString(16).toUpperCase().padStart(4, '0')}\u27e9`;
}

function replaceHidden(text: string, replace: (character: string) => string): string {
  if (!hidden.test(text)) return text;
  let emojiLeft = maxJoinedEmoji;
  return text.replace(hiddenOrJoined, (match: string, sequence: string | undefined) => {
    if (sequence === undefined) return replace(match);
    emojiLeft -= 1;
    return emojiLeft >= 0 && emoji.test(sequence) ? sequence : sequence.replace(everyHidden, replace);
  });
}

/**
 * Text that a machine printed, made safe to show: whatever acts, hides or changes direction becomes a visible sign, so
 * that two texts that differ also look different. Emoji, accents and all scripts stay as they are; so do line feeds and
 * tabs. The console's page and its command line both show machine text only this way.
 */
export function visibleText(text: string): string {
  return replaceHidden(text, signOf);
}

/** The same for a place that has one line: line feeds and tabs become signs too. */
export function visibleLine(text: string): string {
  return visibleText(text).replace(/[\n\t]/gu, signOf);
}

/** The same signs as escapes of JSON: text that `JSON.stringify` made still reads as the same value. */
export function escapeHidden(json: string): string {
  return replaceHidden(json, (character) =>
    Array.from({ length: character.length }, (_, at) => {
      const unit = character.charCodeAt(at).toString(16).padStart(4, '0');
      return `\\u${unit}`;
    }).join(''),
  );
}

/** The text without what keeps it from being a plain line. */
export function withoutHidden(text: string): string {
  return replaceHidden(text, () => '').replace(/[\n\t\ufffd]/gu, '');
}

/** Whether `text` is one line that `visibleLine` leaves alone, and no broken UTF-8 (U+FFFD): fit to be a name. */
export function isPlainLine(text: string): boolean {
  return !text.includes('\ufffd') && visibleLine(text) === text;
}

/** At most `length` characters, the cut marked; never half of a surrogate pair, which no store would give back as it was. */
export function shortened(text: string, length: number): string {
  return (text.length <= length ? text : `${text.slice(0, length - 1)}…`).toWellFormed();
}
