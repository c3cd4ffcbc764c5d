import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../../errors.ts';
import { redactionKinds, type RedactionKind } from './redactionRules.ts';
import { createRedactor, maxHiddenValues, type RedactionOptions } from './redactor.ts';

const kinds = Object.keys(redactionKinds).filter((kind): kind is RedactionKind =>
  Object.hasOwn(redactionKinds, kind),
);
const names = { tenants: ['northwind', 'big-acme'], hosts: ['kiln-01', 'nas'], users: ['m.ivers'] };
const create = (options: Partial<RedactionOptions> = {}) =>
  createRedactor({ kinds, names, custom: [], ...options });
const redact = (line: string, options?: Partial<RedactionOptions>) => create(options).redact(line).text;
const jwt = 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl';

test.each([
  [
    'Accepted publickey for connect from 10.4.0.7 port 52144 ssh2: ED25519 SHA256:5nW4rdOsXWOxwZbJ8g5n7cXQ0a0ZpZc1m9d6lqS2u8E',
    'Accepted publickey for <user-1> from <ip-1> port 52144 ssh2: ED25519 <key-1>',
  ],
  [
    'error: bind [127.0.0.1]:2204: Address already in use',
    'error: bind [127.0.0.1]:2204: Address already in use',
  ],
  [
    'from 2001:DB8::A and 2001:db8::a, ::1, 999.1.1.1, 10:30:00',
    'from <ip-1> and <ip-1>, ::1, 999.1.1.1, 10:30:00',
  ],
  [
    'from fe80::1%eth0: x, [2001:db8::a]:22, 2001:db8:1:2:3:4:5:6:22',
    'from <ip-1>: x, [<ip-2>]:22, <ip-3>:22',
  ],
  ['x10.0.0.7y ::ffff:10.0.0.7 10.0.0.7.', 'x<ip-1>y <ip-2> <ip-1>.'],
  ['link 52:54:00:12:34:56 up', 'link <mac-1> up'],
  [
    'Northwind: northwind-nas, xnorthwind, big-acme, acme',
    '<tenant-1>: <tenant-1>-<host-1>, xnorthwind, <tenant-2>, acme',
  ],
  ['kiln-01 sshd: mail to m.ivers@example.com by m.ivers', '<host-1> sshd: mail to <email-1> by <user-1>'],
  [
    'db password=hunter2, "api_key": "abc", token: xyz; secret = s3',
    'db password=<token-1>, "api_key": "<token-2>", token: <token-3>; secret = <token-4>',
  ],
  ['Authorization: Bearer abc.def-123', 'Authorization: Bearer <token-1>'],
  [`got ${jwt} and ghp_0123456789abcdefghijABCD`, 'got <token-1> and <token-2>'],
  ['digest 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08', 'digest <token-1>'],
  ['key ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ m', 'key <key-1> m'],
  ['smb://user:pw@files.example.com:445/x', 'smb://user:<token-1>@<host-1>:445/x'],
  [
    'sudo: PWD=/home/jane ; USER=root ; COMMAND=/bin/ls',
    'sudo: PWD=/home/<user-1> ; USER=<user-2> ; COMMAND=/bin/ls',
  ],
  ['Invalid user admin from 203.0.113.9 port 5', 'Invalid user <user-1> from <ip-1> port 5'],
  [
    '-----BEGIN OPENSSH PRIVATE KEY----- b3BlbnNzaC1rZXk= -----END OPENSSH PRIVATE KEY----- x',
    '<private-key-1> x',
  ],
  [
    '/var/log/supervisord/ke_connect_0.log and /usr/lib/x86_64-linux-gnu/security/pam_unix.so',
    '/var/log/supervisord/ke_connect_0.log and /usr/lib/x86_64-linux-gnu/security/pam_unix.so',
  ],
])('when the line is %s, it becomes %s', (line, expected) => {
  expect(redact(line)).toBe(expected);
});

describe('when lines are redacted', () => {
  test('the same value has the same placeholder in all lines, and the report counts both', () => {
    const redactor = create();
    const lines = ['from 10.0.0.7', 'from 10.0.0.8', 'again 10.0.0.7 northwind'].map((line) =>
      redactor.redact(line),
    );
    expect(lines.map(({ text }) => text)).toEqual(['from <ip-1>', 'from <ip-2>', 'again <ip-1> <tenant-1>']);
    expect(lines[2]?.hidden).toEqual([
      { kind: 'addresses', from: 6, to: 12 },
      { kind: 'tenants', from: 13, to: 23 },
    ]);
    expect(redactor.report()).toEqual([
      { kind: 'addresses', count: 3, distinct: 2, next: 3 },
      { kind: 'tenants', count: 1, distinct: 1, next: 2 },
    ]);
  });

  test('only the chosen kinds are hidden, and later more', () => {
    const first = create({ kinds: ['addresses'] });
    const { text } = first.redact('northwind from 10.0.0.7');
    expect(text).toBe('northwind from <ip-1>');
    const numbers = Object.fromEntries(first.report().map(({ kind, next }) => [kind, next]));
    const again = create({ numbers });
    expect(again.redact(`${text} and 10.0.0.9`).text).toBe('<tenant-1> from <ip-1> and <ip-2>');
  });

  test('a private key over several lines is hidden up to its end', () => {
    const redactor = create();
    const head = 'Nov 20 09:04:12 kiln app[1]: ';
    const key = [
      '-----BEGIN RSA PRIVATE KEY-----',
      'MIIEowIBAAKCAQEAabcdefgh',
      'QyNTUxOQAAACDabcdefghij==',
      '-----END RSA PRIVATE KEY-----',
    ];
    const lines = [...key, 'MIIEowIBAAKCAQEAabcdefgh'].map((text) => redactor.redact(head + text).text);
    expect(lines).toEqual([
      `${head}<private-key-1>`,
      `${head}<private-key-2>`,
      `${head}<private-key-3>`,
      `${head}<private-key-4>`,
      `${head}MIIEowIBAAKCAQEAabcdefgh`,
    ]);
  });

  test('own rules hide what they match, and a rule that can’t be used is refused', () => {
    expect(redact('order 4711 of Case-12', { custom: ['case-\\d+', 'order \\d+'] })).toBe(
      '<custom-1> of <custom-2>',
    );
    expect(redact('aaa', { custom: ['x*'] })).toBe('aaa');
    expect(() => create({ custom: ['('] })).toThrow(AppError);
    expect(() => create({ custom: ['a'.repeat(500)] })).toThrow('longer than 400 characters');
    expect(() => create({ custom: Array.from({ length: 51 }, () => 'a') })).toThrow(
      'at most 50 are possible',
    );
  });

  test('the number of remembered values is bounded, and still all are hidden', () => {
    const redactor = create({ kinds: ['addresses'] });
    let text = '';
    for (let index = 0; index <= maxHiddenValues; index += 1)
      ({ text } = redactor.redact(`10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`));
    expect(text).toBe('<ip-other>');
    expect(redactor.report()[0]).toMatchObject({ count: maxHiddenValues + 1, distinct: maxHiddenValues });
  });
});

test('when lines are random, no secret is left, and a second redaction changes nothing', () => {
  const secret = fc.constantFrom(
    '10.4.0.7',
    '2001:db8::a',
    'northwind',
    'KILN-01',
    jwt,
    'm.ivers',
    '52:54:00:12:34:56',
  );
  const around = fc.constantFrom(
    ' ',
    ', ',
    ' (',
    ') ',
    '"',
    ' from ',
    ': ',
    '; ',
    ' - ',
    '=',
    ' user ',
    ' <ip-3> ',
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(around, secret), { minLength: 1, maxLength: 8 }), (parts) => {
      const line = `${parts.flat().join('')} end`;
      const { text, hidden } = create().redact(line);
      for (const [, value] of parts) expect(text.toLowerCase()).not.toContain(value.toLowerCase());
      for (const { from, to } of hidden) expect(text.slice(from, to)).toMatch(/^<[a-z-]+-(?:\d+|other)>$/u);
      expect(create().redact(text).text).toBe(text);
    }),
  );
});

test.each([
  '1.',
  'a:',
  'password=',
  'eyJ',
  'a@',
  'A1b',
  '://a:',
  '-----BEGIN PRIVATE KEY-----',
  'user ',
  'northwind',
  '=',
  'Bearer ',
  ' for ',
  'x.',
  '<ip-1>',
  ':',
  '%',
])('when a line is long and made of %s, it is redacted in time in step with its length', (part) => {
  const before = process.cpuUsage().user;
  create({ custom: ['(a+)+$'] }).redact(part.repeat(65_536 / part.length));
  expect(process.cpuUsage().user - before).toBeLessThan(3_000_000);
});
