import { expect, test } from 'vitest';
import { hopNameOf } from '../../ssh/transport/hopName.ts';
import { parseTarget } from './target.ts';

const authentication = { agent: false, keyFile: '/key', password: false, keyboardInteractive: false };

test.each([
  ['root@[::1]:2022', '::1', 2022],
  ['root@[fe80::1%eth0]', 'fe80::1%eth0', 22],
  ['root@kiln.example', 'kiln.example', 22],
])('removes the brackets of an IPv6 address: %s', (text, host, port) => {
  const target = parseTarget(text, authentication);
  expect(target).toMatchObject({ user: 'root', host, port });
  expect(parseTarget(hopNameOf(target), authentication)).toEqual(target);
});

test.each(['root@::1', 'root@[]', 'root@[::1', 'root@[-x]'])('rejects %s', (text) => {
  expect(() => parseTarget(text, authentication)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
});
