import { BlockList, isIPv6 } from 'node:net';

/** Addresses that other members can't reach, or that mean every address. */
const unfit = new BlockList();
unfit.addSubnet('0.0.0.0', 8, 'ipv4');
unfit.addSubnet('127.0.0.0', 8, 'ipv4');
unfit.addSubnet('224.0.0.0', 3, 'ipv4');
unfit.addAddress('::', 'ipv6');
unfit.addAddress('::1', 'ipv6');
unfit.addSubnet('fe80::', 10, 'ipv6');
unfit.addSubnet('ff00::', 8, 'ipv6');

/** The canonical spelling of an address: IPv6 shortened and in lower case. */
export function canonicalAddress(address: string): string {
  return isIPv6(address) ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
}

/** Whether the other members can reach forwards at a canonical address. A link-local address would also need a zone. */
export function isMemberAddress(address: string): boolean {
  // A mapped address listens as IPv4 and is reported as IPv4.
  if (address.startsWith('::ffff:')) return false;
  return !unfit.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}
