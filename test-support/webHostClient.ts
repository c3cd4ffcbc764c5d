import { once } from 'node:events';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { WebSocket } from 'ws';
import { openingReplySchema } from '../src-shared/contract/webSession.ts';

/**
 * The result of an upgrade and its first frame: the host's answer (`answer`), the code with which the host
 * closed the socket, or the HTTP status of its refusal.
 */
export type EntryResult =
  { answer: string | null; socket: WebSocket } | { closeCode: number } | { status: number };

/**
 * Talks to a web host like a browser, but can send any header and any path. Connects to 127.0.0.1, because
 * some resolvers don't know *.localhost.
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

  /**
   * Opens a WebSocket and sends `first`: a text or bytes unchanged, other values as JSON. Resolves with the
   * host's first message, or with how the host ended the socket.
   */
  function openSocket(
    first: unknown,
    options: { path?: string; headers?: Record<string, string> } = {},
  ): Promise<EntryResult> {
    const { path = '/rpc', headers = {} } = options;
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers: { host, origin, ...headers } });
    return new Promise((resolve) => {
      socket.on('open', () => {
        if (first === undefined) return;
        socket.send(typeof first === 'string' || first instanceof Uint8Array ? first : JSON.stringify(first));
      });
      socket.once('message', (data) => {
        const text = Buffer.isBuffer(data) ? data.toString('utf8') : '';
        resolve({ answer: openingReplySchema.parse(JSON.parse(text)).given, socket });
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
    openSocket,
    /** Starts a new session with `token` and resolves with the secret of the session. */
    signIn: async (token: string): Promise<string> => {
      const entry = await openSocket({ want: 'session', token });
      if (!('answer' in entry) || entry.answer === null) throw new Error(JSON.stringify(entry));
      return entry.answer;
    },
  };
}
export type WebHostClient = ReturnType<typeof createWebHostClient>;
