import { isIP } from 'node:net';
import type { ApplianceInput, SshTarget } from '../../src-shared/model/appliance/applianceEntry.ts';
import { plainHost } from '../../src-shared/model/appliance/address.ts';

/** A host as one text, however it is written: case, brackets, a final dot, the short forms of addresses. */
function canonicalHost(host: string): string {
  const [address = '', ...zone] = plainHost(host).split('%');
  const written = isIP(address) === 6 ? `[${address}]` : address.replace(/\.$/u, '');
  const url = URL.parse(`http://${written}`);
  return [withoutMapping(url?.hostname ?? written.toLowerCase()), ...zone].join('%');
}

/** An IPv4 address in its IPv6 form, as URLs have it, in its own form. */
function withoutMapping(host: string): string {
  const mapped = /^\[::ffff:([0-9a-f]+):([0-9a-f]+)\]$/u.exec(host);
  if (mapped === null) return host;
  return mapped
    .slice(1)
    .flatMap((part) => [Number.parseInt(part, 16) >> 8, Number.parseInt(part, 16) & 255])
    .join('.');
}

const addressOf = ({ host, port }: SshTarget) => `${canonicalHost(host)} ${port}`;

/**
 * Whether two entries lead to one account of one SSH server: the same host, port and user behind the same jump hosts. A
 * jump host's user and keys make no difference. Names are not resolved. Pure.
 */
export function isSameAppliance(
  one: Pick<ApplianceInput, 'target' | 'jumps'>,
  other: Pick<ApplianceInput, 'target' | 'jumps'>,
): boolean {
  const wayOf = ({ target, jumps }: typeof one) =>
    JSON.stringify([target.user, ...[...jumps, target].map(addressOf)]);
  return wayOf(one) === wayOf(other);
}
