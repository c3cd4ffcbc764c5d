import { isIpv6 } from '../../base/ipv6.ts';

export const defaultSshPort = 22;

/** The host without the brackets around an IPv6 address. */
export function plainHost(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}

/** Decodes `%40` and the like in a URL. Null if the text is no valid encoding. */
function decodePart(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

/** The part of `ssh://[user@]host[:port]/` that an address without a scheme has, decoded. Null if it is malformed. */
function readUrl(url: string): string | null {
  const parts = url.replace(/\/$/u, '').split('@');
  const host = parts.pop() ?? '';
  // Behind `;` are parameters, which ssh ignores too. A colon would be a password.
  const user = parts.join('@').replace(/;.*$/u, '');
  if (user.includes(':')) return null;
  return decodePart(parts.length === 0 ? host : `${user}@${host}`);
}

/**
 * Reads `[user@]host[:port]` or `ssh://[user@]host[:port]`, also behind the word `ssh`; null for any other form. An IPv6
 * address with a port needs brackets. The only grammar of an address in this program. The user is all up to the last
 * `@`, because a user name may contain one. The port is not checked.
 */
export function readAddress(text: string): { user: string | null; host: string; port: number | null } | null {
  const written = text.trim().replace(/^ssh\s+(?!-)/u, '');
  const scheme = /^([a-z][a-z\d+.-]*):\/\//iu.exec(written)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== 'ssh') return null;
  const plain = scheme === undefined ? written : readUrl(written.slice('ssh://'.length));
  if (plain === null) return null;
  const at = plain.lastIndexOf('@');
  const user = at === -1 ? null : plain.slice(0, at);
  const rest = plain.slice(at + 1);
  const match = /^(\[[^\]\s]+\]|[^\s:@[\]/]+)(?::(\d+))?$/u.exec(isIpv6(rest) ? `[${rest}]` : rest);
  const host = match?.[1];
  if (host === undefined || (user !== null && (user === '' || user.trim() !== user))) return null;
  return { user, host: plainHost(host), port: match?.[2] === undefined ? null : Number(match[2]) };
}

/** The host as it stands in front of `:port`: with brackets if it is an IPv6 address. */
export function bracketedHost(host: string): string {
  const plain = plainHost(host);
  return plain.includes(':') ? `[${plain}]` : plain;
}

/** `user@host`, with the port unless it is the default; `readAddress` reads it back. */
export function formatAddress(address: { user: string; host: string; port: number }): string {
  const port = address.port === defaultSshPort ? '' : `:${address.port}`;
  return `${address.user}@${bracketedHost(address.host)}${port}`;
}
