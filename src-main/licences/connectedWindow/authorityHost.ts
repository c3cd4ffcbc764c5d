import { isIP } from 'node:net';

const own = /^(?:localhost|127\.[\d.]+|::1|0\.0\.0\.0|::)$/iu;
const inside =
  /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.|f[cd][\da-f]{2}:|fe[89ab][\da-f]:)/iu;

/**
 * What is unusual about the address of a licence authority. The appliance chooses it, and this computer may reach what the
 * appliance can't.
 */
export function warnAboutHost(host: string): string[] {
  const mind = 'Open the window only if you know that the licence authority is there.';
  if (own.test(host)) return [`${host} is this computer itself. ${mind}`];
  if (isIP(host) !== 0 && inside.test(host)) return [`${host} is an address of an internal network. ${mind}`];
  if (!host.includes('.') && isIP(host) === 0) return [`${host} is a name of an internal network. ${mind}`];
  return [];
}
