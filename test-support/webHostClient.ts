import { once } from 'node:events';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { WebSocket } from 'ws';
import { openedSchema } from '../src-shared/contract/webSession.ts';

/** What an upgrade or a first frame came to: what the host gave, the code it closed with, or the status it refused with. */
export type Entry = { given: string | null; socket: WebSocket } | { closeCode: number } | { status: number };

/**
 * Talks to a web host as a browser does, but sends any header and path as they are. Connects to 127.0.0.1, since not
 * every resolver knows *.localhost.
 */
export function createWebHostClient(address: string) {
  const { host, hostname, port, hash } = new URL(address);
  const origin = `http://${host}`;

  async function ask(
    path: string,
    options: { method?: string; headers?: Record<string, string | string[]>; body?: string } = {},
  ): Promise<{ status: number; headers: IncomingHttpHeaders; body: string }> {
    const { method = 'GET', headers = {}, body } = options;
    const request = httpRequest({ host: '127.0.0.1', port, path, method, headers: { host, ...headers } });
    request.end(body);
    const [response] = await once(request, 'response');
    let text = '';
    for await (const part of response) text += String(part);
    return { status: response.statusCode, headers: response.headers, body: text };
  }

  /** Opens a WebSocket and sends `first`, if any, as it is or as JSON. Resolves at the host's first word or its end. */
  function enter(
    first: unknown,
    options: { path?: string; headers?: Record<string, string> } = {},
  ): Promise<Entry> {
    const { path = '/rpc', headers = {} } = options;
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers: { host, origin, ...headers } });
    return new Promise((resolve) => {
      socket.on('open', () => {
        if (first === undefined) return;
        socket.send(typeof first === 'string' || first instanceof Uint8Array ? first : JSON.stringify(first));
      });
      socket.once('message', (data) => {
        const text = Buffer.isBuffer(data) ? data.toString('utf8') : '';
        resolve({ given: openedSchema.parse(JSON.parse(text)).given, socket });
      });
      socket.on('close', (closeCode) => resolve({ closeCode }));
      socket.on('unexpected-response', (_request, response) => {
        resolve({ status: response.statusCode ?? 0 });
        response.destroy();
      });
      socket.on('error', () => {});
    });
  }

  return {
    host,
    hostname,
    port: Number(port),
    origin,
    token: new URLSearchParams(hash.slice(1)).get('token') ?? '',
    ask,
    enter,
    /** The secret of a new session, by `token`. */
    signIn: async (token: string): Promise<string> => {
      const entry = await enter({ want: 'session', token });
      if (!('given' in entry) || entry.given === null) throw new Error(JSON.stringify(entry));
      return entry.given;
    },
  };
}
export type WebHostClient = ReturnType<typeof createWebHostClient>;
