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
 * Reads `[user@]host[:port]` or `ssh://[user@]host[:port]`, with brackets around an IPv6 address; null for any
 * other form. The only grammar of an address in this program. The user is all up to the last `@`, because a
 * user name may contain one. The port is not checked.
 */
export function readAddress(text: string): { user: string | null; host: string; port: number | null } | null {
  const plain = /^ssh:\/\//iu.test(text) ? readUrl(text.slice('ssh://'.length)) : text;
  if (plain === null) return null;
  const at = plain.lastIndexOf('@');
  const user = at === -1 ? null : plain.slice(0, at);
  const match = /^(\[[^\]\s]+\]|[^\s:@[\]/]+)(?::(\d+))?$/u.exec(plain.slice(at + 1));
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
