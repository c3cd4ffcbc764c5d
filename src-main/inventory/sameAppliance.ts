import { isIP } from 'node:net';
import type { SshTarget } from '../../src-shared/model/appliance/applianceEntry.ts';
import { plainHost } from '../../src-shared/model/appliance/address.ts';

/**
 * Normalizes a host, so that equal hosts compare as equal: lower case, no brackets, no final dot, full IP
 * addresses.
 */
function canonicalHost(host: string): string {
  const [address = '', ...zone] = plainHost(host).split('%');
  const written = isIP(address) === 6 ? `[${address}]` : address.replace(/\.$/u, '');
  const url = URL.parse(`http://${written}`);
  return [withoutMapping(url?.hostname ?? written.toLowerCase()), ...zone].join('%');
}

/** Converts an IPv4-mapped IPv6 address (`[::ffff:…]`), as the URL class prints it, to IPv4. */
function withoutMapping(host: string): string {
  const mapped = /^\[::ffff:([0-9a-f]+):([0-9a-f]+)\]$/u.exec(host);
  if (mapped === null) return host;
  return mapped
    .slice(1)
    .flatMap((part) => [Number.parseInt(part, 16) >> 8, Number.parseInt(part, 16) & 255])
    .join('.');
}

type HopAddress = Pick<SshTarget, 'host' | 'port' | 'user'>;

const addressOf = ({ host, port }: HopAddress) => `${canonicalHost(host)} ${port}`;

/** Whether two hops log in to the same account on the same SSH server. Ignores how they log in. Pure. */
export function isSameHop(one: HopAddress, other: HopAddress): boolean {
  return one.user === other.user && addressOf(one) === addressOf(other);
}

type Route = { target: HopAddress; jumps: readonly HopAddress[] };

/**
 * A text that is equal for two entries that reach the same account on the same SSH server: same host, port and
 * user behind the same jump hosts. Ignores the users and keys of jump hosts. Does not resolve names. Pure.
 */
export function routeKeyOf({ target, jumps }: Route): string {
  return JSON.stringify([target.user, ...[...jumps, target].map(addressOf)]);
}

/** Whether two entries have the same `routeKeyOf`. */
export function isSameAppliance(one: Route, other: Route): boolean {
  return routeKeyOf(one) === routeKeyOf(other);
}
