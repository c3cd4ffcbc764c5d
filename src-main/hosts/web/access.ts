import type { IncomingMessage } from 'node:http';

export type Refusal = {
  status: 400 | 403 | 503;
  reason: string;
  /** The request names another host: a person may have typed it, and gets a page that helps. */
  isWrongHost?: true;
};

/**
 * Who may talk to the web host at all. Loopback is reachable for every program and every web page on this computer, so
 * the Host must be the name of this run (not a rebound DNS name, not an address that others serve on, too), with any
 * port, since `ssh -L` may lead here from another one; and an Origin, if sent, must be that same host.
 */
export function createAccess({ hostName }: { hostName: string }) {
  return {
    /** Null if the request may pass. `needsOrigin` for what a browser always sends one with. */
    check: (request: IncomingMessage, options: { needsOrigin?: boolean } = {}): Refusal | null => {
      const { host: hosts = [], origin: origins = [] } = request.headersDistinct;
      if (hosts.length > 1) return { status: 400, reason: 'There is more than one Host header.' };
      const host = (hosts[0] ?? '').toLowerCase();
      const [, name = host] = /^([^:]*)(?::\d{1,5})?$/u.exec(host) ?? [];
      if (name !== hostName)
        return { status: 403, reason: 'This is not the address of this console.', isWrongHost: true };
      // Another form names a host of its own, which would count instead.
      if (request.url?.startsWith('/') !== true) return { status: 400, reason: 'A path is needed.' };
      if (origins.length === 0 && options.needsOrigin === true)
        return { status: 403, reason: 'An Origin is needed.' };
      if (origins.some((origin) => origin !== `http://${host}`))
        return { status: 403, reason: 'Another page may not talk to this host.' };
      return null;
    },
  };
}
export type Access = ReturnType<typeof createAccess>;
