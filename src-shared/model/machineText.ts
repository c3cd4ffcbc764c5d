/**
 * Text that a machine printed, made safe to show: control characters, escape sequences and bidirectional overrides
 * become visible signs and can do nothing. The console's page and its command line both show machine text only this way.
 */
export function visibleText(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu,
    (character) => {
      const code = character.codePointAt(0) ?? 0;
      if (code < 0x20) return String.fromCodePoint(0x2400 + code);
      if (code === 0x7f) return '\u2421';
      return `\u27e8U+${code.toString(16).toUpperCase().padStart(4, '0')}\u27e9`;
    },
  );
}

/** At most `length` characters, the cut marked; never half of a surrogate pair, which no store would give back as it was. */
export function shortened(text: string, length: number): string {
  return (text.length <= length ? text : `${text.slice(0, length - 1)}…`).toWellFormed();
}
