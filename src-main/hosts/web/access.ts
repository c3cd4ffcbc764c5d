import type { IncomingMessage } from 'node:http';

export type Refusal = {
  status: 400 | 403 | 503;
  reason: string;
  /**
   * True if the Host header names another host. The user may have typed it, so the response is a page with
   * help.
   */
  isWrongHost?: true;
};

/**
 * Checks Host and Origin, because every program and web page on this computer can reach loopback. Host must
 * be the name of this run, with any port, because `ssh -L` may change it. Origin must be the same host.
 */
export function createAccess({ hostName }: { hostName: string }) {
  return {
    /**
     * Returns null if the request is allowed. Set `needsOrigin` for requests that browsers always send with
     * an Origin.
     */
    check: (request: IncomingMessage, options: { needsOrigin?: boolean } = {}): Refusal | null => {
      const { host: hosts = [], origin: origins = [] } = request.headersDistinct;
      if (hosts.length > 1) return { status: 400, reason: 'There is more than one Host header.' };
      const host = (hosts[0] ?? '').toLowerCase();
      const [, name = host] = /^([^:]*)(?::\d{1,5})?$/u.exec(host) ?? [];
      if (name !== hostName)
        return { status: 403, reason: 'This is not the address of this console.', isWrongHost: true };
      // Refuse an absolute address in the request line, because its host would override the Host header.
      if (request.url?.startsWith('/') !== true) return { status: 400, reason: 'The request has no path.' };
      if (origins.length === 0 && options.needsOrigin === true)
        return { status: 403, reason: 'The Origin header is missing.' };
      if (origins.some((origin) => origin !== `http://${host}`))
        return { status: 403, reason: 'Only the console’s own page may use this host.' };
      return null;
    },
  };
}
export type Access = ReturnType<typeof createAccess>;
