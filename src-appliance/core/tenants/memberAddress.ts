import { BlockList, isIPv6 } from 'node:net';

/** Addresses that other members can't reach (loopback, multicast …), or that mean all addresses. */
function listUnreachable(): BlockList {
  const list = new BlockList();
  list.addSubnet('0.0.0.0', 8, 'ipv4');
  list.addSubnet('127.0.0.0', 8, 'ipv4');
  list.addSubnet('224.0.0.0', 3, 'ipv4');
  list.addAddress('::', 'ipv6');
  list.addAddress('::1', 'ipv6');
  list.addSubnet('fe80::', 10, 'ipv6');
  list.addSubnet('ff00::', 8, 'ipv6');
  return list;
}
let unreachable: BlockList | undefined;

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
  unreachable ??= listUnreachable();
  return !unreachable.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}
