import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseWords } from './splitCommand.ts';

describe('parseWords', () => {
  it.each([
    ['', []],
    ['  ke_status   --json ', ['ke_status', '--json']],
    [`sudo -S -p '' ke_status`, ['sudo', '-S', '-p', '', 'ke_status']],
    [String.raw`'it'\''s' "a b" c\ d`, [`it's`, 'a b', 'c d']],
    [String.raw`"\$ \" \\ \x"`, [String.raw`$ " \ \x`]],
    [`a"b"'c'd`, ['abcd']],
    ['a#b ~', 'refused'],
    ['a|b', 'refused'],
    ['echo $HOME', 'refused'],
    ['echo "$HOME"', 'refused'],
    ['echo "`id`"', 'refused'],
    [`it's`, 'refused'],
    ['"open', 'refused'],
    ['end\\', 'refused'],
    ['a\nb', 'refused'],
  ] as const)('reads %j', (line, expected) => {
    const words = parseWords(line);
    expect(typeof words === 'string' ? 'refused' : words).toStrictEqual(expected);
  });

  it('when text is in single quotes, reads it unchanged', () => {
    const argument = fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0'));
    fc.assert(
      fc.property(fc.array(argument, { maxLength: 4 }), (argv) => {
        const line = argv.map((one) => `'${one.replaceAll("'", String.raw`'\''`)}'`).join(' ');
        expect(parseWords(line)).toStrictEqual(argv);
      }),
    );
  });

  it('when it accepts a line, agrees with the system shell', () => {
    const line = fc.string({ unit: fc.constantFrom(...Array.from(`ab '"\\$|;#~*=-\t`)), maxLength: 12 });
    fc.assert(
      fc.property(line, (text) => {
        const words = parseWords(text);
        fc.pre(typeof words !== 'string');
        // `x` comes first, because a shell would read `NAME=VALUE` at the start as an assignment.
        const printed = execFileSync('/bin/sh', ['-c', `printf '%s\\0' x ${text}`], { encoding: 'utf8' });
        expect(printed.split('\0').slice(1, -1)).toStrictEqual(words);
      }),
      { numRuns: 150 },
    );
  });
});
