import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCsvCell } from './csvCell.ts';
import {
  isPlainLine,
  quoteText,
  shorten,
  visibleLine,
  visibleText,
  removeInvisibleCharacters,
} from './machineText.ts';

/**
 * Characters that are invisible or control the output, except line feed and tab. The test removes emoji
 * first, because they may contain such characters.
 */
const acting = /[[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Zs}\p{Default_Ignorable_Code_Point}]--[\t\n \u3000]]/v;
const withoutEmoji = (text: string): string => text.replace(/\p{RGI_Emoji}/gv, '');

/** Strings that contain hidden code points more often than random strings do. */
const hostileText = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...Array.from('a1 \n\t\u001b\u009b\u200b\u200d\ufe0f\u20e3\u202e\u00ad\u3164👨👩❤🏽')),
    fc.constantFrom('\ud83d', '\udc68', '\u{e0041}', '\u{e007f}', '\u{1f3f4}', '\u{1f1e9}'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
});

describe('visible text', () => {
  it.each([
    ['an escape sequence', '\u001b[31mred\u001b[0m <script>', '␛[31mred␛[0m <script>'],
    ['DEL and an 8-bit control sequence', '\u007f\u009b2J', '␡⟨U+009B⟩2J'],
    ['a direction override', 'a\u202eb', 'a⟨U+202E⟩b'],
    ['a zero-width space', 'ac\u200bme', 'ac⟨U+200B⟩me'],
    ['tag characters', 'acme\u{e0041}', 'acme⟨U+E0041⟩'],
    ['a soft hyphen', 'ac\u00adme', 'ac⟨U+00AD⟩me'],
    ['a Hangul filler', '\u115f\u3164\uffa0', '⟨U+115F⟩⟨U+3164⟩⟨U+FFA0⟩'],
    ['variation selectors', 'a\ufe00\u{e0100}', 'a⟨U+FE00⟩⟨U+E0100⟩'],
    ['line and paragraph separators', 'a\u2028b\u2029', 'a⟨U+2028⟩b⟨U+2029⟩'],
    ['characters that look like a space', 'a\u00a0b\u2009c\u2800', 'a⟨U+00A0⟩b⟨U+2009⟩c⟨U+2800⟩'],
    ['half of a surrogate pair', 'a\ud83db', 'a⟨U+D83D⟩b'],
    ['a joiner between letters', 'a\u200db', 'a⟨U+200D⟩b'],
    ['a joiner between emoji that form no joined emoji', '👨\u200d👨', '👨⟨U+200D⟩👨'],
    ['a selector that changes nothing', '😀\ufe0f 1\ufe0f', '😀⟨U+FE0F⟩ 1⟨U+FE0F⟩'],
    ['tags that form no flag', '\u{1f3f4}\u{e0061}\u{e007f}', '🏴⟨U+E0061⟩⟨U+E007F⟩'],
  ])('replaces %s by a visible sign', (_what, text, shown) => {
    expect(visibleText(text)).toBe(shown);
    expect(isPlainLine(text)).toBe(false);
  });

  it.each([
    ['accents, also as combining characters', 'Zürich Zu\u0308rich Ærøskøbing Tiếng Việt'],
    ['other scripts', '營業　部 カタカナ ภาษาไทย हिन्दी العربية עברית 한국어'],
    ['emoji', '😀 ❤️ ❤️‍🔥 👩🏽‍💻 👨‍👩‍👧‍👦 5️⃣ 🇩🇪 🏴󠁧󠁢󠁥󠁮󠁧󠁿 🏴‍☠️ 👁️‍🗨️'],
    ['its own output', visibleText('\u001b\u200b')],
  ])('does not change %s', (_what, text) => {
    expect(visibleText(text)).toBe(text);
    expect(isPlainLine(text)).toBe(true);
  });

  it('keeps line feeds and tabs in a text and replaces them in a line', () => {
    expect(visibleText('OK\tone\ntwo')).toBe('OK\tone\ntwo');
    expect(visibleLine('OK\tone\ntwo')).toBe('OK␉one␊two');
    expect(isPlainLine('a\nb')).toBe(false);
    expect(isPlainLine('a\tb')).toBe(false);
  });

  it('contains no hidden or control characters for any input', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const shown = visibleText(text);
        expect(withoutEmoji(shown)).not.toMatch(acting);
        expect(shown.length).toBeGreaterThanOrEqual(text.length);
        expect(visibleText(shown)).toBe(shown);
        expect(visibleLine(text)).not.toMatch(/[\n\t]/u);
        expect(isPlainLine(text)).toBe(visibleLine(text) === text && !text.includes('\ufffd'));
        expect(isPlainLine(removeInvisibleCharacters(text))).toBe(true);
        expect(withoutEmoji(formatCsvCell(text))).not.toMatch(
          /[[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]]/v,
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('when it is quoted, cannot end the quotation or break the line', () => {
    fc.assert(
      fc.property(hostileText, fc.constantFrom('', '”', '“', '"', '„'), (text, sign) => {
        const quoted = quoteText(`${text}${sign}${text}`);
        expect(quoted.slice(1, -1)).not.toMatch(/["“”„\n\t]/u);
        expect(quoted).toMatch(/^“.*”$/su);
      }),
    );
  });

  it('when two texts differ only in hidden characters, they look different', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (left, right) => {
        fc.pre(left !== right && removeInvisibleCharacters(left) === removeInvisibleCharacters(right));
        expect(visibleLine(left)).not.toBe(visibleLine(right));
      }),
    );
    expect(visibleText('acme\u200b')).not.toBe(visibleText('acme'));
  });
});

it('what is taken for plain text without a closer look has no hidden character', () => {
  for (let code = 0; code <= 0xffff; code += 1) {
    const character = String.fromCodePoint(code);
    // A letter outside the plain ones makes the text be looked at closely.
    const closely = visibleText(`\u0416${character}`).slice(1);
    expect([code, visibleText(character)]).toEqual([code, closely]);
  }
});

it.each([
  [0, ''],
  [-3, ''],
  [1, '…'],
  [3, 'ab…'],
  [4, 'abcd'],
])('when a text of four characters is shortened to %i, it has at most so many', (length, expected) => {
  expect(shorten('abcd', length)).toBe(expected);
});
