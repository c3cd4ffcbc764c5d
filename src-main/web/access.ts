import { randomBytes, timingSafeEqual, createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export type Refusal = { status: 401 | 403; reason: string };

/**
 * Who may talk to the web host. Loopback is reachable for every program and every web page on this computer, so:
 * the Host must be ours (a rebound DNS name is not), an Origin, where sent, must be our own page, and the caller must
 * have shown the token that only this terminal printed.
 */
export type Access = {
  token: string;
  /** Host and Origin; `needsOrigin` where a browser always sends one. */
  check: (request: IncomingMessage, options?: { needsOrigin?: boolean }) => Refusal | null;
  hasSession: (request: IncomingMessage) => boolean;
  /** The `Set-Cookie` for the one who shows the token first; null for everyone after, and for every other token. */
  exchange: (token: string) => string | null;
};

function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}

/** Compares without telling by its time how much matched. */
function isSame(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

function cookieValue(header: string | undefined, name: string): string | null {
  for (const pair of (header ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return null;
}

export function createAccess(options: { port: number }): Access {
  const token = randomBytes(32).toString('base64url');
  const secret = randomBytes(32).toString('base64url');
  // Cookies know no ports: two hosts on one computer must not overwrite each other's.
  const cookieName = `sallyport_${options.port}`;
  const hosts = [`127.0.0.1:${options.port}`, `localhost:${options.port}`];
  let isUsed = false;

  return {
    token,
    check: (request, { needsOrigin = false } = {}) => {
      const { host, origin } = request.headers;
      if (host === undefined || !hosts.includes(host))
        return { status: 403, reason: 'This host answers to 127.0.0.1 and localhost only.' };
      if (origin === undefined && needsOrigin) return { status: 403, reason: 'An Origin is needed.' };
      if (origin !== undefined && origin !== `http://${host}`)
        return { status: 403, reason: 'Another page may not talk to this host.' };
      return null;
    },
    hasSession: (request) => {
      const value = cookieValue(request.headers.cookie, cookieName);
      return value !== null && isSame(value, secret);
    },
    exchange: (shown) => {
      if (isUsed || !isSame(shown, token)) return null;
      isUsed = true;
      return `${cookieName}=${secret}; Path=/; HttpOnly; SameSite=Strict`;
    },
  };
}
