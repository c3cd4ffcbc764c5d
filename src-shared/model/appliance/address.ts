/** `[user@]host[:port]`; an IPv6 address stands in brackets. Null if it is none. */
export function readAddress(text: string): { user: string | null; host: string; port: number | null } | null {
  const match = /^(?:([^@\s]+)@)?(\[[^\]\s]+\]|[^\s:@[\]]+)(?::(\d{1,5}))?$/u.exec(text);
  const host = match?.[2]?.replace(/^\[|\]$/gu, '');
  if (match === null || host === undefined) return null;
  return { user: match[1] ?? null, host, port: match[3] === undefined ? null : Number(match[3]) };
}
