import { expect, test } from 'vitest';
import { applyAllFixes } from './connectYamlFix.ts';
import { lintConnectYaml } from './connectYamlLint.ts';
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

/** The findings as `CODE LINE:COLUMN MESSAGE`. */
function read(text: string): string[] {
  return lintConnectYaml(text).findings.map(
    ({ code, line, column, message }) => `${code} ${line}:${column} ${message}`,
  );
}
const ends = (end: string) => good.replaceAll('\n', end);
const numbered = (separator: string) =>
  good
    .trimEnd()
    .split('\n')
    .map((line, index) => `${String(index + 1).padStart(3)}${separator}${line}`)
    .join('\n');

test.each([
  [
    'old line ends',
    ends('\r'),
    'C-1019 1:34 a carriage return without a line feed (U+000D) instead of a line break',
  ],
  ['one old line end', good.replace('\n', '\r'), 'C-1019 1:34 a carriage return without a line feed'],
  ['next-line controls', ends('\u0085'), 'C-1019 1:34 a next-line control (U+0085)'],
  ['line separators', ends('\u2028'), 'C-1019 1:34 a line separator (U+2028)'],
  ['paragraph separators', ends('\u2029'), 'C-1019 1:34 a paragraph separator (U+2029)'],
  [
    'an end-of-file mark',
    `${good}\u001a\r\n`,
    'C-1019 7:1 a control character (\u241a, U+001A) at the end of the file',
  ],
  [
    'marks of a mail',
    good.trimEnd().replaceAll(/^/gmu, '> '),
    'C-1010 1:1 every line starts with “>”, as in a mail',
  ],
  ['marks of a comparison', good.trimEnd().replaceAll(/^/gmu, '+'), 'C-1010 1:1 every line starts with “+”'],
  ['line numbers', numbered('\t'), 'C-1010 1:1 every line starts with its number'],
  ['line numbers and colons', numbered(':'), 'C-1010 1:1 every line starts with its number'],
  ['a fence of Markdown', `\`\`\`yaml\n${good}\`\`\`\n`, 'C-1010 1:1 a fence of Markdown (```)'],
])('when connect.yaml has %s, names only that, and the fix restores the file', (_what, text, named) => {
  expect(read(text)).toEqual([expect.stringContaining(named)]);
  expect(applyAllFixes(text).text.trim()).toBe(good.trim());
});

test.each([
  [
    'a terminal control',
    good.replace('docs', 'do\u001b[31mcs'),
    'C-1017 6:7 a control character (\u241b, U+001B)',
  ],
  ['a C1 control', good.replace('docs', 'do\u009bcs'), 'C-1017 6:7 a control character'],
])('when connect.yaml has %s, names it and mends nothing', (_what, text, named) => {
  expect(read(text)).toEqual([expect.stringContaining(named)]);
  expect(applyAllFixes(text).text).toBe(text);
});

test.each([
  ['[2001:db8::1]:22', '"[2001:db8::1]:22"'],
  ['[fe80::1%eth0]:2222 # gate', '"[fe80::1%eth0]:2222" # gate'],
])('when the address %s has no quotes, names it and adds them', (written, mended) => {
  const text = good.replace('kiln-01.example.com:22', written);
  expect(read(text)[0]).toContain('C-1010 1:12 an address that starts with [ needs quotes');
  expect(applyAllFixes(text).text).toBe(good.replace('kiln-01.example.com:22', mended));
});

test.each([String.raw`%USERPROFILE%\key`, '@key', '`key`'])(
  'when a path is %s, says that it needs quotes',
  (path) => {
    const text = good.replace('/etc/sallyport/ssh_key.priv', path);
    expect(read(text)[0]).toContain('C-1010 2:10 a value that starts with this character needs quotes');
  },
);

test.each(['\r', '\r\n\r', '> ', '1 ', '\u001b', '\u2028'])(
  'when a text is a long run of %j, ends in a moment',
  (piece) => {
    const texts = [piece.repeat(300_000), `${piece.repeat(300_000)}\n`, `${piece}a\n`.repeat(50_000)];
    const took = measureCpuMs(() => {
      for (const text of texts) lintConnectYaml(text);
    });
    expect(took).toBeLessThan(10_000);
  },
);
