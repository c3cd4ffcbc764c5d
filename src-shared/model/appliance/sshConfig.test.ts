import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { measureCpuMs } from '../../../test-support/cpuTime.ts';
import { readSshConfig } from './sshConfig.ts';
import type { SshConfigFile } from './sshConfigSyntax.ts';

const people = { localUser: 'ada', homeFolder: '/home/ada' };

function read(text: string, included: Record<string, SshConfigFile[]> = {}) {
  const readInclude = (pattern: string) => included[pattern] ?? [];
  return readSshConfig({ file: { name: 'config', text }, readInclude, people });
}

/** The route of each candidate: its jump hosts, then `user@host:port key`. */
function waysOf(text: string, included: Record<string, SshConfigFile[]> = {}) {
  return read(text, included).candidates.map(({ name, target, jumps }) => [
    name,
    [...(jumps ?? []), target]
      .map((hop) => `${hop?.user}@${hop?.host}:${hop?.port} ${hop?.keyFile ?? 'agent'}`)
      .join(' > '),
  ]);
}
const problemsOf = (text: string) => read(text).candidates.flatMap(({ problems }) => problems);

test('when a host has no settings, uses the defaults', () => {
  expect(waysOf('Host kiln')).toEqual([['kiln', 'ada@kiln:22 agent']]);
});

test.each([
  ['spaces', 'Host kiln\n  HostName k.example\n  User root\n  Port 2222\n  IdentityFile ~/.ssh/k'],
  ['equals signs', 'Host=kiln\nHostName = k.example\nUser=root\nPort =2222\nIdentityFile= ~/.ssh/k'],
  ['quotes', 'Host "kiln"\nHostName "k.example"\nUser "root"\nPort "2222"\nIdentityFile "~/.ssh/k"'],
  ['any case', 'HOST kiln\nhostname k.example\nuSER root\nPORT 2222\nidentityfile ~/.ssh/k'],
  [
    'a mark, CRLF and comments',
    '\ufeff# mine\r\nHost kiln # one\r\n\tHostName k.example\r\nUser root\r\nPort 2222\r\nIdentityFile ~/.ssh/k\r\n',
  ],
  [
    'earlier values that win',
    'Host kiln\nHostName k.example\nUser root\nPort 2222\nIdentityFile ~/.ssh/k\nHost *\nUser other\nPort 1\nIdentityFile x',
  ],
])('when a setting is written with %s, reads it', (_, text) => {
  expect(waysOf(text)).toEqual([['kiln', 'root@k.example:2222 ~/.ssh/k']]);
});

test('when patterns and negations are used, applies them and creates no candidate for them', () => {
  const text =
    'Host kiln mill !quay *.example\nUser root\nHost quay\nHost * !mill\nPort 23\nHost k?ln\nHostName k';
  expect(waysOf(text)).toEqual([
    ['kiln', 'root@k:23 agent'],
    ['mill', 'root@mill:22 agent'],
    ['quay', 'ada@quay:23 agent'],
  ]);
});

test('when tokens are used, replaces them', () => {
  const text = 'Host kiln\nHostName %h.example\nPort 23\nUser root\nIdentityFile %d/.ssh/%u_%r@%h:%p_%n%%';
  expect(waysOf(text)).toEqual([
    ['kiln', 'root@kiln.example:23 /home/ada/.ssh/ada_root@kiln.example:23_kiln%'],
  ]);
  expect(problemsOf('Host kiln\nIdentityFile %C')).toEqual(['IdentityFile has %C, which is not supported']);
});

describe('ProxyJump', () => {
  test('when a user contains @ or the host is a URL, splits at the last @', () => {
    expect(
      waysOf('Host kiln\nUser CORP\\ada\nProxyJump ops@corp.example@gate:2200,ssh://root@[::1]:23'),
    ).toEqual([['kiln', 'ops@corp.example@gate:2200 agent > root@::1:23 agent > CORP\\ada@kiln:22 agent']]);
  });

  test('when there is a chain of hosts, resolves each host; only the first may have its own ProxyJump', () => {
    const text = [
      'Host kiln\nProxyJump inner,ops@deep:2200',
      'Host inner\nHostName 10.0.0.1\nUser gate\nProxyJump outer',
      'Host outer\nHostName out.example\nPort 2022',
      'Host deep\nIdentityFile ~/deep\nProxyJump elsewhere',
      'Host plain\nProxyJump none',
    ].join('\n');
    expect(waysOf(text).slice(0, 1)).toEqual([
      [
        'kiln',
        'ada@out.example:2022 agent > gate@10.0.0.1:22 agent > ops@deep:2200 ~/deep > ada@kiln:22 agent',
      ],
    ]);
    expect(waysOf(text).at(-1)).toEqual(['plain', 'ada@plain:22 agent']);
  });

  test.each([
    ['a circular ProxyJump', 'Host a\nProxyJump b\nHost b\nProxyJump a', /forms a loop/u],
    ['itself', 'Host a\nProxyJump a', /forms a loop/u],
    ['too many hosts', `Host a\nProxyJump ${'b,'.repeat(8)}c`, /more than 8 hosts/u],
    ['no name', 'Host a\nProxyJump b,,c', /no valid host name/u],
    ['a program', 'Host a\nProxyCommand nc %h %p', /ProxyCommand is not supported/u],
  ])('when there is %s, the candidate has a problem', (_, text, problem) => {
    expect(read(text).candidates[0]?.problems.join()).toMatch(problem);
  });

  test('when both ProxyJump and ProxyCommand are set, the first one wins', () => {
    expect(problemsOf('Host a\nProxyJump b\nProxyCommand nc')).toEqual([]);
    expect(waysOf('Host a\nProxyCommand none\nProxyJump b')).toEqual([['a', 'ada@a:22 agent']]);
  });
});

const file = (text: string) => [{ name: 'more', text }];

describe('Include', () => {
  test('when a file is included, inserts its directives at that place', () => {
    const text = 'Include more\nHost kiln\nUser late';
    expect(waysOf(text, { more: file('Host kiln\nUser early\nHost mill') })).toEqual([
      ['kiln', 'early@kiln:22 agent'],
      ['mill', 'ada@mill:22 agent'],
    ]);
  });

  test('when Include is in a Host block, applies the included directives only in that block', () => {
    const text = 'Host kiln\nInclude more\nPort 23\nHost mill';
    expect(waysOf(text, { more: file('User root\nHost mill\nUser never') })).toEqual([
      ['kiln', 'root@kiln:23 agent'],
      ['mill', 'ada@mill:22 agent'],
    ]);
  });

  test('when a file includes itself, stops and reports it', () => {
    const itself = read('Include more', { more: file('Host kiln\nInclude more') });
    expect(itself.candidates.map(({ name }) => name)).toEqual(['kiln']);
    expect(itself.problems).toEqual([expect.stringMatching(/deeper than 16 files/u)]);
    const doubled = read('Include more', { more: file('Include more more') });
    expect(doubled.problems.some((problem) => /More than 64 files/u.test(problem))).toBe(true);
  });
});

test('when there is a Match block, reports it and ignores it up to the next Host', () => {
  const { candidates, problems } = read('Match user root\nPort 23\nInclude more\nHost kiln\nUser root', {
    more: [{ name: 'more', text: 'Host hidden' }],
  });
  expect(candidates.map(({ name, target }) => [name, target?.port])).toEqual([['kiln', 22]]);
  expect(problems).toEqual(['config, line 1: Match is not supported; its block is ignored.']);
});

test.each([
  ['a port', 'Host kiln\nPort 99999', 'Port is not a number from 1 to 65535'],
  ['a port that is a word', 'Host kiln\nPort ssh', 'Port is not a number from 1 to 65535'],
])('when %s is wrong, the candidate has a problem', (_, text, problem) => {
  expect(problemsOf(text)).toEqual([problem]);
});

test.each([
  ['a pattern', 'Host kiln-1\nHost KILN-*\nUser root\nProxyJump gate', 'ada@kiln-1:22 agent'],
  ['a negation', 'Host kiln-1\nHost * !KILN-1\nUser root', 'root@kiln-1:22 agent'],
  ['another name', 'Host kiln-1\nHost Kiln-1\nUser root', 'ada@kiln-1:22 agent'],
])('when %s differs only in case, it does not match, as in ssh', (_, text, way) => {
  expect(waysOf(text)[0]).toEqual(['kiln-1', way]);
});

test('when names differ only in case, each has its own settings, and the later ones are reported', () => {
  const text = 'Host Web\nHostName first\nHost web WEB\nHostName second\nHost Web\nPort 23';
  expect(waysOf(text)).toEqual([
    ['web', 'ada@first:23 agent'],
    ['web', 'ada@second:22 agent'],
    ['web', 'ada@second:22 agent'],
  ]);
  expect(read(text).candidates.map(({ problems }) => problems)).toEqual([
    [],
    ['web and Web (config, line 1) differ only in case, and appliance names have lower case'],
    ['WEB and Web (config, line 1) differ only in case, and appliance names have lower case'],
  ]);
});

test.each([
  ['single quotes', `IdentityFile '/k/my key'`, '/k/my key'],
  ['a double quote in single quotes', `IdentityFile '/k/"my" key'`, '/k/"my" key'],
  ['a single quote in double quotes', `IdentityFile "/k/ada's key"`, "/k/ada's key"],
  ['an escaped single quote', `IdentityFile /k/ada\\'s`, "/k/ada's"],
  ['quotes within a word', `IdentityFile /k/'my key'.pem`, '/k/my key.pem'],
  ['a number sign in single quotes', `IdentityFile '/k/a #1'`, '/k/a #1'],
])('when a key path has %s, reads it as ssh does', (_, line, keyFile) => {
  const { candidates, problems } = read(`Host kiln\n${line}`);
  expect([candidates[0]?.target?.keyFile, problems]).toEqual([keyFile, []]);
});

test.each([
  ['${HOME}/.ssh/${USER}_${LOGNAME}', '/home/ada/.ssh/ada_ada', []],
  ['%d/${HOME}', '/home/ada//home/ada', []],
  ['${SECRET}/k', '${SECRET}/k', ['IdentityFile has ${SECRET}, which is not supported']],
  ['${HOME', '${HOME', ['IdentityFile has ${HOME, which is not supported']],
  ['$HOME/k', '$HOME/k', []],
])('when a key path is %s, expands the variables that ssh expands', (path, keyFile, problems) => {
  const [kiln] = read(`Host kiln\nIdentityFile ${path}`).candidates;
  expect([kiln?.target?.keyFile, kiln?.problems]).toEqual([keyFile, problems]);
});

test.each(['HostName', 'ProxyJump'])('when %s has a variable, the candidate has a problem', (keyword) => {
  expect(problemsOf(`Host kiln\n${keyword} \${HOME}`)).toContain(
    `${keyword} has \${HOME}, which is not supported`,
  );
});

test('when Include has a variable, reports it and goes on', () => {
  const { candidates, problems } = read('Include ${HOME}/x more\nHost kiln', { more: file('Host mill') });
  expect(candidates.map(({ name }) => name)).toEqual(['mill', 'kiln']);
  expect(problems).toEqual(['config, line 1: Include has ${HOME}, which is not supported; it is ignored.']);
});

test('when there are too many hosts, reads the first 500, in a time that does not grow with the rest', () => {
  const names = Array.from({ length: 100_000 }, (_, at) => `k${at.toString(36)}`);
  const lines = Array.from(
    { length: 1_000 },
    (_, at) => `Host ${names.slice(at * 100, at * 100 + 100).join(' ')}`,
  );
  let found: Partial<ReturnType<typeof read>> = {};
  const took = measureCpuMs(() => (found = read(lines.join('\n'))));
  expect(found.candidates?.map(({ name }) => name)).toEqual(names.slice(0, 500));
  expect(found.problems).toEqual(['At most 500 appliances can be imported at once; 99500 were skipped.']);
  expect(took).toBeLessThan(5000);
});

test.each([
  ['IdentityFile \u201c~/.ssh/k\u201d', 'config, line 2: the value holds a curly quote (U+201C).'],
  ['User ops\u200b', 'config, line 2: the value holds a zero-width space (U+200B).'],
  ['HostName k\u0456ln', 'config, line 2: the value holds a Cyrillic letter that looks like i (U+0456).'],
  ['ProxyJump gate\u201301', 'config, line 2: the value holds an en dash (U+2013).'],
  ['User \0', 'config: 1 NUL byte in line 2; the file was damaged, or it is not a text file.'],
  ['# K\ufffdche', 'config: line 2 is not UTF-8 (perhaps Windows-1252)'],
])('when a line is %j, names the character', (line, problem) => {
  expect(read(`Host kiln\n${line}`).problems[0]).toContain(problem);
});

test('when a file in UTF-16 was read as UTF-8, reads it', () => {
  const text = Buffer.from('\ufeffHost kiln\r\nUser ops\r\n', 'utf16le').toString('utf8');
  expect(waysOf(text)).toEqual([['kiln', 'ops@kiln:22 agent']]);
});

test.each([
  [String.raw`%USERPROFILE%\.ssh\k`, String.raw`~\.ssh\k`],
  ['%d/.ssh/k', '/home/ada/.ssh/k'],
  ['"C:/Users/Ada B/k"', 'C:/Users/Ada B/k'],
])('when IdentityFile is %s, reads the path', (written, path) => {
  expect(waysOf(`Host kiln\nIdentityFile ${written}`)).toEqual([['kiln', `ada@kiln:22 ${path}`]]);
});

test('when a line is not understood, reports it', () => {
  expect(read('Host "kiln\nnonsense\nHost mill').problems).toEqual([
    'config, line 1: a quote is not closed; it is ignored.',
    'config, line 2: not a keyword followed by a value; it is ignored.',
  ]);
});

test('when the text is random, never throws, and no candidate has a wildcard', () => {
  const part = fc.constantFrom(
    'Host ',
    'Match ',
    'Include more',
    'ProxyJump ',
    'HostName %h',
    '*',
    '!',
    '"',
    '\\',
    ',',
    'a',
    'b ',
    '=',
    '\n',
    '\r',
    '#',
    '%',
  );
  fc.assert(
    fc.property(
      fc.array(fc.oneof(part, fc.string({ unit: 'binary', maxLength: 5 })), { maxLength: 60 }),
      (parts) => {
        const text = parts.join('');
        const { candidates } = read(text, { more: [{ name: 'more', text: text.slice(0, 100) }] });
        for (const { name, jumps } of candidates) {
          expect(name).not.toMatch(/[*?]|^!/u);
          expect(jumps?.length ?? 0).toBeLessThanOrEqual(8);
        }
      },
    ),
    { numRuns: 500 },
  );
});
