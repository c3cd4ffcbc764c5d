import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anInput } from '../../../test-support/anEntry.ts';
import { sshArgvOf, sshCommandOf } from './sshCommand.ts';

const target = anInput('kiln').target;
const withKey = (keyFile: string) => ({ ...target.authentication, keyFile });
const gate = { ...target, host: 'gate.example', user: 'ops' };

test.each([
  ['the usual port', target, [], 'ssh ubuntu@kiln'],
  ['another port', { ...target, port: 2222 }, [], 'ssh -p 2222 ubuntu@kiln'],
  ['a key', { ...target, authentication: withKey('/keys/kiln') }, [], 'ssh -i /keys/kiln ubuntu@kiln'],
  [
    'a key in the home folder',
    { ...target, authentication: withKey('~/.ssh/my key') },
    [],
    "ssh -i ~/'.ssh/my key' ubuntu@kiln",
  ],
  ['an IPv6 address', { ...target, host: '[::1]', port: 23 }, [], 'ssh -p 23 ubuntu@::1'],
  [
    'jump hosts',
    target,
    [gate, { ...gate, host: '::1', port: 2022 }],
    "ssh -J 'ops@gate.example,ops@[::1]:2022' ubuntu@kiln",
  ],
  [
    'a jump host with an IPv6 zone, whose % ssh would expand',
    target,
    [gate, { ...gate, host: 'fe80::2%h', port: 2022 }],
    "ssh -J 'ops@gate.example,ops@[fe80::2%%h]:2022' ubuntu@kiln",
  ],
  [
    'jump hosts with IPv6 zones, whose % ssh would expand once for each jump host',
    target,
    [
      { ...gate, host: 'fe80::1%eth0', port: 2022 },
      { ...gate, host: 'fe80::2%h' },
    ],
    String.raw`ssh -o 'ProxyCommand=ssh -l ops -o ProxyCommand\=ssh\ -p\ 2022\ -l\ ops\ -W\ \\\[%%h\\\]:%%p\ fe80::1%%%%eth0 -W \[%h\]:%p fe80::2%%h' ubuntu@kiln`,
  ],
  [
    'a jump host with a user of a domain',
    target,
    [{ ...gate, user: String.raw`corp\ada` }],
    String.raw`ssh -o 'ProxyCommand=ssh -l corp\\ada -W \[%h\]:%p gate.example' ubuntu@kiln`,
  ],
  ['a zone without a jump host', { ...target, host: 'fe80::1%eth0' }, [], 'ssh ubuntu@fe80::1%eth0'],
  ['a user of a domain', { ...target, user: String.raw`corp\ada` }, [], String.raw`ssh 'corp\ada@kiln'`],
])('when the entry has %s, the command is complete', (_, to, jumps, expected) => {
  expect(sshCommandOf({ target: to, jumps })).toBe(expected);
});

/** The arguments that a POSIX shell passes to ssh for this command line. */
function argumentsOf(command: string): string[] {
  const script = `ssh() { for word; do printf '%s\\0' "$word"; done; }; ${command}`;
  return execFileSync('sh', ['-c', script], { env: { HOME: '/home/ada' }, encoding: 'utf8' })
    .split('\0')
    .slice(0, -1);
}

const text = fc.string({
  unit: fc.constantFrom('a', ' ', "'", '"', '$', '`', '\\', ';', '*', '~', '/', '!'),
});

test('when a path or user contains characters with a meaning to the shell, it arrives unchanged', () => {
  fc.assert(
    fc.property(text, text, (path, user) => {
      const to = { ...target, user: `u${user}`, authentication: withKey(`~/k${path}`) };
      expect(argumentsOf(sshCommandOf({ target: to, jumps: [gate] }))).toEqual([
        '-i',
        `/home/ada/k${path}`,
        '-J',
        'ops@gate.example',
        `u${user}@kiln`,
      ]);
      expect(sshArgvOf({ target: to, jumps: [gate] }).slice(1)).toEqual([
        '-i',
        `~/k${path}`,
        '-J',
        'ops@gate.example',
        `u${user}@kiln`,
      ]);
    }),
    { numRuns: 40 },
  );
});
