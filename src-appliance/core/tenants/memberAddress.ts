import { BlockList, isIPv6 } from 'node:net';

/** Addresses that other members can't reach (loopback, multicast …), or that mean all addresses. */
const unreachableAddresses = new BlockList();
unreachableAddresses.addSubnet('0.0.0.0', 8, 'ipv4');
unreachableAddresses.addSubnet('127.0.0.0', 8, 'ipv4');
unreachableAddresses.addSubnet('224.0.0.0', 3, 'ipv4');
unreachableAddresses.addAddress('::', 'ipv6');
unreachableAddresses.addAddress('::1', 'ipv6');
unreachableAddresses.addSubnet('fe80::', 10, 'ipv6');
unreachableAddresses.addSubnet('ff00::', 8, 'ipv6');

/** Converts an address to its canonical notation: IPv6 is shortened and in lower case. */
export function canonicalAddress(address: string): string {
  return isIPv6(address) ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
}

/**
 * Whether other members can reach this canonical address. Link-local addresses are excluded, because they
 * need a zone.
 */
export function isMemberAddress(address: string): boolean {
  // A socket on an IPv4-mapped address listens on IPv4 and is reported with its IPv4 address, so the two
  // would not match.
  if (address.startsWith('::ffff:')) return false;
  return !unreachableAddresses.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}
