import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyAllFixes } from './connectYamlFix.ts';
import { lintConnectYaml, parseConnectYaml } from './connectYamlLint.ts';
import { measureCpuMs } from '../../../test-support/cpuTime.ts';

const good = [
  'appliance: kiln-01.example.com:22',
  'ssh_key: /etc/sallyport/ssh_key.priv',
  'host_key: SHA256:n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg',
  'repositories:',
  '  files:',
  '    docs: smb://samba.example.com:445/share',
  '',
].join('\n');
const quoted = good.replace('kiln-01.example.com:22', '"kiln-01.example.com:22"');

const utf16 = (text: string) => Buffer.from(text, 'utf16le');

/** The findings as `CODE LINE:COLUMN MESSAGE`. */
function read(text: string): string[] {
  return lintConnectYaml(text).findings.map(
    ({ code, line, column, message }) => `${code} ${line}:${column} ${message}`,
  );
}

describe('when connect.yaml has', () => {
  test.each([
    ['a no-break space as indentation', '  files', '\u00a0\u00a0files', '5:1 a no-break space (U+00A0)'],
    ['one among spaces', '    docs', '  \u00a0 docs', '6:3 a no-break space (U+00A0)'],
    ['a narrow one', '    docs', ' \u202f  docs', '6:2 a narrow no-break space (U+202F)'],
    ['a figure space after a colon', 'appliance: ', 'appliance:\u2007', '1:11 a figure space (U+2007)'],
    ['an ideographic space as indentation', '  files', '\u3000 files', '5:1 an ideographic space (U+3000)'],
    ['a zero-width space in a host', 'samba', 'sam\u200bba', '6:20 a zero-width space (U+200B)'],
    ['a soft hyphen in a host', 'samba', 'sam\u00adba', '6:20 a soft hyphen (U+00AD)'],
    ['a byte order mark in the middle', 'repos', '\ufeffrepos', '4:1 a byte order mark (U+FEFF)'],
    ['a word joiner before a key', 'ssh_key', '\u2060ssh_key', '2:1 a word joiner (U+2060)'],
    ['a full-width colon after a key', 'appliance: ', 'appliance\uff1a', '1:10 a full-width : (U+FF1A)'],
    ['a full-width port', ':445', ':4\uff14\uff15', '6:36 a full-width 4 (U+FF14)'],
    ['an Arabic port', ':445', ':4\u0664\u0665', '6:36 a 4 of another script (U+0664)'],
    ['full-width slashes', 'smb://', 'smb:\uff0f\uff0f', '6:15 a full-width / (U+FF0F)'],
    ['an en dash in a host', 'kiln-01', 'kiln\u201301', '1:16 an en dash (U+2013)'],
    ['a no-break hyphen in a host', 'kiln-01', 'kiln\u201101', '1:16 a no-break hyphen (U+2011)'],
    ['a ratio sign in a fingerprint', 'SHA256:', 'SHA256\u2236', '3:17 a ratio sign (U+2236)'],
  ])('%s, names it with its place, and mends it', (_what, plain, written, named) => {
    const text = good.replace(plain, written);
    expect(read(text)[0]).toContain(`C-1017 ${named}`);
    expect(read(text).every((finding) => finding.startsWith('C-1017'))).toBe(true);
    expect(applyAllFixes(text).text).toBe(good);
    expect(() => parseConnectYaml(text)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
  });

  test.each([
    ['\u201ckiln-01.example.com:22\u201d', '1:12 a curly quote (U+201C)'],
    ['\u201ekiln-01.example.com:22\u201c', '1:12 a low quote (U+201E)'],
    ['\u00abkiln-01.example.com:22\u00bb', '1:12 an angle quote (U+00AB)'],
    ['\uff02kiln-01.example.com:22\uff02', '1:12 a full-width " (U+FF02)'],
  ])('the quotes of %s, names and mends them', (written, named) => {
    const text = good.replace('kiln-01.example.com:22', written);
    expect(read(text)).toEqual([expect.stringContaining(`C-1017 ${named}`)]);
    expect(applyAllFixes(text).text).toBe(quoted);
  });

  test.each([
    [
      'a Cyrillic letter in a host',
      'samba',
      's\u0430mba',
      '6:18 a Cyrillic letter that looks like a (U+0430)',
    ],
    ['a Greek letter in a host', 'kiln', 'kil\u03bd', '1:15 a Greek letter that looks like v (U+03BD)'],
    ['a change of direction', 'samba', 'sam\u202eba', '6:20 a right-to-left override (U+202E)'],
    ['a no-break space in a path', '/share', '/our\u00a0share', '6:42 a no-break space (U+00A0)'],
    ['one curly quote', 'kiln-01.example.com:22', '\u201ckiln-01.example.com:22', '1:12 a curly quote'],
  ])('%s, names it and changes nothing, because it is not certain', (_what, plain, written, named) => {
    const text = good.replace(plain, written);
    expect(read(text)).toEqual([expect.stringContaining(`C-1017 ${named}`)]);
    expect(applyAllFixes(text)).toMatchObject({ text, fixed: 0 });
  });

  test.each([
    ['a comment', '# \u201cour\u201d\u00a0appliance \u2013 \uff1a\n', ''],
    ['a comment behind a value', ':22', ':22 # \u201cx\u201d\u00a0y'],
    ['an apostrophe in a name', 'docs:', 'O\u2019Brien\u2019s:'],
    ['an ideographic space in a name', 'docs:', '\u90e8\u9580\u3000\u6587\u66f8:'],
    ['a colon of another script in a name', 'docs:', '\u90e8\u9580\uff1a\u6587\u66f8:'],
    ['an emoji of several parts', 'docs:', '\u{1f469}\u200d\u{1f4bb}:'],
    ['a dash in a path', '/share', '/a\u2013b'],
    ['a Cyrillic name', 'docs:', '\u0441\u043a\u0430\u043d:'],
    ['a comment in Latin-1', ':22', ':22 # f\ufffdr'],
  ])('%s, takes the character as text', (_what, plain, written) => {
    const text = written === '' ? `${plain}${good}` : good.replace(plain, written);
    expect(lintConnectYaml(text).findings).toEqual([]);
  });
});

describe('when connect.yaml is', () => {
  test.each([
    ['UTF-16 LE with a mark', utf16(`\ufeff${good}`), 'UTF-16 LE', good],
    ['UTF-16 LE', utf16(good), 'UTF-16 LE', good],
    ['UTF-16 BE with a mark', utf16(`\ufeff${good}`).swap16(), 'UTF-16 BE', good],
    ['UTF-16 BE', utf16(good).swap16(), 'UTF-16 BE', good],
    ['UTF-16 LE with other letters', utf16(good.replace('docs', 'd\u00f6cs')), 'UTF-16 LE', null],
    ['Latin-1', Buffer.from(good.replace('docs', 'd\u00f6cs'), 'latin1'), 'line 6 is not UTF-8', null],
    ['padded at its end', Buffer.from(`${good}${'\0'.repeat(300)}`), '300 NUL bytes in line 7', good],
    [
      'padded in a line',
      Buffer.from(good.replace('files', `fi${'\0'.repeat(9)}les`)),
      '9 NUL bytes in line 5',
      good,
    ],
    ['padded at its start', Buffer.from(`\0${good}`), '1 NUL byte in line 1', good],
  ])('%s, names that, and mends it only if no character is lost', (_what, bytes, named, mended) => {
    const text = bytes.toString('utf8');
    expect(read(text)).toEqual([expect.stringMatching(new RegExp(`^C-1018 .*${named}`, 'u'))]);
    expect(applyAllFixes(text).text).toBe(mended ?? text);
  });
});

test.each(['\u00a0', '\u201c', '\uff1a', '\u2013', 'a\u00a0', ':\u00a0', '"\u201d,'])(
  'when a line is a long run of %j, finds it in a moment',
  (piece) => {
    const text = `${good}${piece.repeat(50_000)}`;
    const took = measureCpuMs(() => expect(lintConnectYaml(text).findings.length).toBeGreaterThan(0));
    expect(took).toBeLessThan(3_000);
  },
);

test('when look-alike spaces replace spaces anywhere, the fix restores the file', () => {
  const places = [...good.matchAll(/ /gu)].map(({ index }) => index);
  const space = fc.constantFrom('\u00a0', '\u202f', '\u2007', '\u3000', '\u2003', ' ');
  fc.assert(
    fc.property(fc.array(space, { minLength: places.length, maxLength: places.length }), (spaces) => {
      const text = Array.from(good, (character, at) => spaces[places.indexOf(at)] ?? character).join('');
      const { findings, configuration } = lintConnectYaml(text);
      expect(configuration === null).toBe(text !== good);
      expect(findings.every(({ code }) => code === 'C-1017')).toBe(true);
      expect(applyAllFixes(text).text).toBe(good);
    }),
  );
});

test('when a text is random, every fix of a look-alike leaves a text without that character there', () => {
  const piece = fc.constantFrom(
    ...Array.from(
      'ab:/ "\'#{},-\n\u00a0\u200b\u201c\u201d\u2018\u2019\uff1a\u2013\u0430\u202e\u3000\ufeff\0\ufffd',
    ),
    'appliance: ',
    'smb://',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const text = pieces.join('');
      const { findings } = lintConnectYaml(text);
      const codes = new Set(findings.map(({ code }) => code));
      // No other finding, and so no other fix, while there is one of these.
      const others = [...codes].filter((code) => code !== 'C-1017' && code !== 'C-1018');
      expect(codes.size === others.length || others.length === 0).toBe(true);
      const { lint } = applyAllFixes(text);
      for (const { fix } of lint.findings) expect(fix?.isSafe ?? false).toBe(false);
    }),
  );
});
