export const defaultSshPort = 22;

/** The host without the brackets around an IPv6 address. */
export function plainHost(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}

/** Reads `[user@]host[:port]`, with brackets around an IPv6 address; null for any other form. The port is not checked. */
export function readAddress(text: string): { user: string | null; host: string; port: number | null } | null {
  const match = /^(?:([^@\s]+)@)?(\[[^\]\s]+\]|[^\s:@[\]]+)(?::(\d+))?$/u.exec(text);
  const host = match?.[2];
  if (match === null || host === undefined) return null;
  return {
    user: match[1] ?? null,
    host: plainHost(host),
    port: match[3] === undefined ? null : Number(match[3]),
  };
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
