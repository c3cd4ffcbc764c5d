import { expect, test } from 'vitest';
import { formatAddress, readAddress } from './address.ts';

test.each([
  ['ops@kiln', 'ops@kiln'],
  ['ops@kiln:2222', 'ops@kiln:2222'],
  [' ops@kiln\n', 'ops@kiln'],
  ['ops@kiln\u00a0', 'ops@kiln'],
  ['ssh ops@kiln', 'ops@kiln'],
  ['ssh://ops@kiln:2222/', 'ops@kiln:2222'],
  ['ops@corp.example@kiln', 'ops@corp.example@kiln'],
  ['ops@2001:db8::1', 'ops@[2001:db8::1]'],
  ['ops@[2001:db8::1]:2222', 'ops@[2001:db8::1]:2222'],
  ['ops@fe80::1%eth0', 'ops@[fe80::1%eth0]'],
  ['ops@::ffff:192.0.2.1', 'ops@[::ffff:192.0.2.1]'],
])('reads %j', (text, formatted) => {
  const { user = null, host = '', port = null } = readAddress(text) ?? {};
  expect(formatAddress({ user: user ?? '', host, port: port ?? 22 })).toBe(formatted);
});

test.each([
  'sftp://ops@kiln',
  'scp://ops@kiln',
  'https://kiln',
  'ops@',
  '@kiln',
  'ops@kiln:',
  'ops@kiln/',
  'ops@1:2:3',
  'ops@kiln 2222',
])('rejects %j', (text) => {
  expect(readAddress(text)).toBeNull();
});
