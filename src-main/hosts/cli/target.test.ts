import { expect, test } from 'vitest';
import { formatAddress } from '../../../src-shared/model/appliance/address.ts';
import { hopNameOf } from '../../ssh/transport/hopName.ts';
import { parseTarget } from './target.ts';

const authentication = { agent: false, keyFile: '/key', password: false, keyboardInteractive: false };

test.each([
  ['root@[::1]:2022', '::1', 2022],
  ['root@[fe80::1%eth0]', 'fe80::1%eth0', 22],
  ['root@::1', '::1', 22],
  ['root@kiln.example', 'kiln.example', 22],
])('reads the host without the brackets of an IPv6 address: %s', (text, host, port) => {
  const target = parseTarget(text, authentication);
  expect(target).toMatchObject({ user: 'root', host, port });
  expect(parseTarget(hopNameOf(target), authentication)).toEqual(target);
});

test.each([
  ['ops@corp.example@kiln', 'ops@corp.example', 'kiln', 22],
  ['ops@corp.example@[fe80::1%eth0]:2022', 'ops@corp.example', 'fe80::1%eth0', 2022],
  [String.raw`CORP\ops@kiln:2022`, String.raw`CORP\ops`, 'kiln', 2022],
  [String.raw`CORP\Ada Byron@kiln`, String.raw`CORP\Ada Byron`, 'kiln', 22],
  ['root@kiln:22@bastion:2222', 'root@kiln:22', 'bastion', 2222],
  ['ops#kiln@bastion', 'ops#kiln', 'bastion', 22],
  ['mill$@kiln', 'mill$', 'kiln', 22],
  ['ssh://ops@kiln:2022', 'ops', 'kiln', 2022],
  ['SSH://ops@kiln/', 'ops', 'kiln', 22],
  ['ssh://ops%40corp.example@kiln', 'ops@corp.example', 'kiln', 22],
  ['ssh://CORP%5Cops@[fe80::1%25eth0]:2022', String.raw`CORP\ops`, 'fe80::1%eth0', 2022],
  ['ssh://ops;fingerprint=x@kiln', 'ops', 'kiln', 22],
])('reads %s, the user up to the last @', (text, user, host, port) => {
  const target = parseTarget(text, authentication);
  expect(target).toMatchObject({ user, host, port });
  expect(parseTarget(formatAddress(target), authentication)).toEqual(target);
  expect(parseTarget(hopNameOf(target), authentication)).toEqual(target);
});

test.each([
  '@kiln',
  'root@',
  'root @kiln',
  '-oProxyCommand=x@kiln',
  'ops@corp@',
  'a;b@kiln',
  'a,b@kiln',
  '$(id)@kiln',
  'ops\u200b@kiln',
  String.raw`CORP\@kiln`,
  'ssh://ops:secret@kiln',
  'ssh://ops%zz@kiln',
  'root@kiln:0',
  'root@kiln/x',
  'root@[]',
  'root@[::1',
  'root@[-x]',
])('rejects %s', (text) => {
  expect(() => parseTarget(text, authentication)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
});
