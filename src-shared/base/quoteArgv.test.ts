import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quoteArgv } from './quoteArgv.ts';

/** The arguments that a real shell passes to a command, each ended by NUL. */
function argumentsInShell(argv: readonly string[]): string[] {
  const line = `printf '%s\\0' ${quoteArgv(argv)}`;
  return execFileSync('/bin/sh', ['-c', line]).toString('utf8').split('\0').slice(0, -1);
}

/** Every ASCII character except NUL, so that all characters with a meaning to the shell are included. */
const signs = Array.from({ length: 0x60 }, (_, code) => String.fromCharCode(code + 1)).filter((sign) =>
  /[^a-zA-Z0-9]/.test(sign),
);

const argument = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: fc.constantFrom(...signs), maxLength: 20 }),
  fc.constantFrom('', '-n', '--', 'if', '$(id)', '`id`', "'; id; '", '~root', '*', 'A=b', '\u202e', 'ä€😀'),
);

describe('quoteArgv', () => {
  test('when a real shell runs the command, every argument arrives unchanged', () => {
    fc.assert(
      fc.property(
        fc.array(
          argument.filter((text) => !text.includes('\0') && text.isWellFormed()),
          { minLength: 1, maxLength: 8 },
        ),
        (argv) => {
          expect(argumentsInShell(argv)).toEqual(argv);
        },
      ),
      { numRuns: 150 },
    );
  });

  test.each(['if', 'time', 'A=b', '~', '#', '!'])(
    'when the first word is %s, the shell takes it as the name of a command',
    (name) => {
      const line = quoteArgv([name, 'x']);
      const environment = { PATH: '/nonexistent' };
      expect(() => execFileSync('/bin/sh', ['-c', line], { stdio: 'ignore', env: environment })).toThrow(
        expect.objectContaining({ status: 127 }),
      );
    },
  );

  test('does not quote plain words', () => {
    expect(quoteArgv(['ke_manage_remote_networks', 'list', 'acme', '--json'])).toBe(
      'ke_manage_remote_networks list acme --json',
    );
    expect(quoteArgv(['echo', "it's"])).toBe(String.raw`echo 'it'\''s'`);
  });

  test.each([[['a', 'b\0c']], [[]]])('rejects %j', (argv) => {
    expect(() => quoteArgv(argv)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
  });
});
