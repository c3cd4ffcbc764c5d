/** A character that looks like another one or like nothing. `plain` is what its author certainly meant, or null. */
export type LookAlike = { at: number; character: string; name: string; plain: string | null };

/** Names by code point. */
const spaces: Readonly<Record<string, string>> = {
  '\u0085': 'next-line control',
  '\u00a0': 'no-break space',
  '\u1680': 'Ogham space',
  '\u2000': 'en quad space',
  '\u2001': 'em quad space',
  '\u2002': 'en space',
  '\u2003': 'em space',
  '\u2004': 'three-per-em space',
  '\u2005': 'four-per-em space',
  '\u2006': 'six-per-em space',
  '\u2007': 'figure space',
  '\u2008': 'punctuation space',
  '\u2009': 'thin space',
  '\u200a': 'hair space',
  '\u202f': 'narrow no-break space',
  '\u205f': 'mathematical space',
  '\u3000': 'ideographic space',
};
const invisible: Readonly<Record<string, string>> = {
  '\u00ad': 'soft hyphen',
  '\u034f': 'combining grapheme joiner',
  '\u180e': 'Mongolian vowel separator',
  '\u200b': 'zero-width space',
  '\u200c': 'zero-width non-joiner',
  '\u200d': 'zero-width joiner',
  '\u2060': 'word joiner',
  '\ufeff': 'byte order mark',
};
/** They change the order in which text is shown, so what their author saw is not certain. */
const directions: Readonly<Record<string, string>> = {
  '\u061c': 'Arabic letter mark',
  '\u200e': 'left-to-right mark',
  '\u200f': 'right-to-left mark',
  '\u202a': 'left-to-right embedding',
  '\u202b': 'right-to-left embedding',
  '\u202c': 'end of a change of direction',
  '\u202d': 'left-to-right override',
  '\u202e': 'right-to-left override',
  '\u2066': 'left-to-right isolate',
  '\u2067': 'right-to-left isolate',
  '\u2068': 'first strong isolate',
  '\u2069': 'end of an isolate',
};
const signs: Readonly<Record<string, readonly [name: string, plain: string]>> = {
  '\u2018': ['curly quote', "'"],
  '\u2019': ['curly quote', "'"],
  '\u201a': ['low quote', "'"],
  '\u201b': ['curly quote', "'"],
  '\u2032': ['prime', "'"],
  '\u00b4': ['acute accent', "'"],
  '\u201c': ['curly quote', '"'],
  '\u201d': ['curly quote', '"'],
  '\u201e': ['low quote', '"'],
  '\u201f': ['curly quote', '"'],
  '\u2033': ['double prime', '"'],
  '\u00ab': ['angle quote', '"'],
  '\u00bb': ['angle quote', '"'],
  '\u2010': ['hyphen', '-'],
  '\u2011': ['no-break hyphen', '-'],
  '\u2012': ['figure dash', '-'],
  '\u2013': ['en dash', '-'],
  '\u2014': ['em dash', '-'],
  '\u2212': ['minus sign', '-'],
  '\ufe58': ['small em dash', '-'],
  '\ufe63': ['small hyphen', '-'],
  '\u2024': ['one-dot leader', '.'],
  '\u3002': ['ideographic full stop', '.'],
  '\u2044': ['fraction slash', '/'],
  '\u2215': ['division slash', '/'],
  '\u2236': ['ratio sign', ':'],
  '\ua789': ['letter colon', ':'],
  '\ufe55': ['small colon', ':'],
};
/** Letters of other scripts that look like Latin ones, in the order of `latinTwins`. */
const foreignLetters = 'аеорсухіјѕԁԛԝһӏАВЕКМНОРСТХІЈЅαοινρυΑΒΕΖΗΙΚΜΝΟΡΤΥΧ';
const latinTwins = 'aeopcyxijsdqwhlABEKMHOPCTXIJSaoivpuABEZHIKMNOPTYX';

/** The value of a decimal digit of any script: the ten of a script are in a row, and rows begin with zero. */
function valueOfDigit(code: number): number {
  let zero = code;
  while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return (code - zero) % 10;
}

/** Whether a character takes no room, so that removing it changes nothing that was seen. */
export function isInvisible(character: string): boolean {
  return Object.hasOwn(invisible, character);
}

function entry(character: string): Omit<LookAlike, 'at' | 'character'> | null {
  const space = spaces[character];
  if (space !== undefined) return { name: space, plain: ' ' };
  const hidden = invisible[character];
  if (hidden !== undefined) return { name: hidden, plain: '' };
  const direction = directions[character];
  if (direction !== undefined) return { name: direction, plain: null };
  const sign = signs[character];
  if (sign !== undefined) return { name: sign[0], plain: sign[1] };
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0xff01 && code <= 0xff5e) {
    const plain = String.fromCodePoint(code - 0xfee0);
    return { name: `full-width ${plain}`, plain };
  }
  if (/\p{Nd}/u.test(character)) {
    const plain = String(valueOfDigit(code));
    return { name: `${plain} of another script`, plain };
  }
  const twin = Array.from(foreignLetters).indexOf(character);
  if (twin === -1) return null;
  const script = /\p{Script=Greek}/u.test(character) ? 'Greek' : 'Cyrillic';
  // It may be meant, as in an internationalized name.
  return { name: `${script} letter that looks like ${latinTwins[twin]}`, plain: null };
}

const anyLookAlike = /[^\t\n\r\x20-\x7e]/u;

/** Finds the characters that look like an ASCII character or like nothing. Letters with accents are none. */
export function findLookAlikes(text: string): LookAlike[] {
  if (!anyLookAlike.test(text)) return [];
  return [...text.matchAll(/[^\x00-\x7e]/gu)].flatMap(({ 0: character, index }) => {
    const found = entry(character);
    return found === null ? [] : [{ at: index, character, ...found }];
  });
}

/** E.g. `a no-break space (U+00A0)`. */
export function describeLookAlike({ character, name }: Pick<LookAlike, 'character' | 'name'>): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return `${/^[aeiou]/iu.test(name) ? 'an' : 'a'} ${name} (U+${code})`;
}

/** Names the first look-alike of a value that must be ASCII, with its place. Null if it has none. */
function explainLookAlike(text: string): string | null {
  const [first] = findLookAlikes(text);
  return first === undefined ? null : `character ${first.at + 1} is ${describeLookAlike(first)}`;
}

/** Adds to `message`, which says that a value is not valid, the look-alike that is perhaps the reason. */
export function withLookAlike(message: string, value: unknown): string {
  const reason = typeof value === 'string' ? explainLookAlike(value.slice(0, 4096)) : null;
  return reason === null ? message : `${message}; ${reason}`;
}

/** A sentence for behind another one that says that `value` is not valid. Empty if it has no look-alike. */
export function lookAlikeSentence(value: string): string {
  const reason = explainLookAlike(value);
  return reason === null ? '' : ` C${reason.slice(1)}.`;
}

/** For schemas: an error message that names a look-alike in the value. */
export function lookAlikeError(message: string): { error: (issue: { input: unknown }) => string } {
  return { error: ({ input }) => withLookAlike(message, input) };
}
