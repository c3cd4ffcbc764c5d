import { expect, it } from 'vitest';
import { applianceConfigSchema } from '../config.ts';

function listenAddressOf(listenAddress: string) {
  return applianceConfigSchema.shape.listenAddress.safeParse(listenAddress);
}

it.each([
  ['10.77.0.2', '10.77.0.2'],
  ['203.0.113.9', '203.0.113.9'],
  ['FD00:0:0::2', 'fd00::2'],
])('when a member listens on %s, stores it as %s', (given, kept) => {
  expect(listenAddressOf(given)).toMatchObject({ success: true, data: kept });
});

it.each([
  '0.0.0.0',
  '*',
  '',
  '::',
  '::0',
  '127.0.0.1',
  '127.8.8.8',
  '::1',
  '::ffff:10.0.0.1',
  '224.0.0.1',
  '255.255.255.255',
  'fe80::1',
  'ff02::1',
  '10.0.0.256',
  '10.0.0.1:22',
  'member.example.com',
  '10.0.0.1,0.0.0.0',
])('rejects %j as the address of a cluster member', (given) => {
  expect(listenAddressOf(given).success).toBe(false);
});
