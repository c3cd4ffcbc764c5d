import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
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

test('when a line is not understood, reports it', () => {
  expect(read('Host "kiln\nnonsense\nHost mill').problems).toEqual([
    'config, line 1: a quote is not closed; it is ignored.',
    'config, line 2: no keyword with a value; it is ignored.',
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
