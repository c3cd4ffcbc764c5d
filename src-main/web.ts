import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { z } from 'zod';
import { AppError } from '../src-shared/errors.ts';
import type { Console } from './console.ts';
import { openPageFiles, type PageFiles } from './page/pageFiles.ts';
import { serveWebSocket } from './rpc/transports.ts';
import { createAccess, type Access, type Refusal } from './web/access.ts';

const largestBody = 4096;
const largestMessage = 1 << 20;
const headers = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
} as const;
const exchangeSchema = z.strictObject({ token: z.string().max(256) });

export type WebHost = {
  /** With the token in its fragment, which no server and no log ever sees; good for one browser. */
  url: string;
  port: number;
  close: () => Promise<void>;
};

/**
 * Serves the page and the contract on 127.0.0.1. `port` 0 takes a free one. Rejects with NOT_FOUND when the page is
 * not built, with BUSY when the port is taken.
 */
export async function startWebHost(options: {
  console: Console;
  port: number;
  rendererFolder: string;
}): Promise<WebHost> {
  const page = await openPageFiles(options.rendererFolder).catch((thrown: unknown) => {
    throw new AppError('NOT_FOUND', 'The page is not built yet: run "npm run build" first.', {
      detail: { folder: options.rendererFolder },
      cause: thrown,
    });
  });
  const server = createServer({ requestTimeout: 10_000 });
  const port = await listen(server, options.port);
  const access = createAccess({ port });
  const sockets = new WebSocketServer({ noServer: true, maxPayload: largestMessage });

  server.on('request', (request, response) => {
    answer({ request, response, access, page }).catch((thrown: unknown) => {
      options.console.log.error({ err: thrown }, 'request failed');
      send(response, 500, 'Something failed; the log has the details.');
    });
  });
  server.on('upgrade', (request, socket, head) => {
    const refusal = judgeUpgrade(request, access);
    if (refusal !== null) return refuseUpgrade(socket, refusal);
    return sockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('error', (error) => options.console.log.info({ err: error }, 'page connection failed'));
      serveWebSocket(webSocket, { console: options.console, role: 'admin' });
    });
  });

  return {
    url: `http://127.0.0.1:${port}/#token=${access.token}`,
    port,
    close: async () => {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

function listen(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(
        new AppError('BUSY', `Port ${port} of 127.0.0.1 can't be taken: ${error.message}`, {
          detail: { port },
          cause: error,
        }),
      );
    });
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(address !== null && typeof address === 'object' ? address.port : port);
    });
  });
}

function send(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { ...headers, 'Content-Type': 'text/plain; charset=utf-8' }).end(text);
}

async function answer(input: {
  request: IncomingMessage;
  response: ServerResponse;
  access: Access;
  page: PageFiles;
}): Promise<void> {
  const { request, response, access, page } = input;
  const refusal = access.check(request, { needsOrigin: request.method === 'POST' });
  if (refusal !== null) return send(response, refusal.status, refusal.reason);
  const pathname = URL.parse(request.url ?? '/', 'http://127.0.0.1')?.pathname ?? '/';
  if (pathname === '/session') return answerSession({ request, response, access });
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return send(response, 405, 'Only GET is answered here.');
  const file = await page.respond(pathname);
  // Built files carry a hash of their content in their name.
  const isHashed = file.status === 200 && pathname.startsWith('/assets/');
  response.writeHead(file.status, {
    'Cache-Control': isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    ...file.headers,
    'Content-Length': file.body.length,
  });
  response.end(request.method === 'HEAD' ? undefined : file.body);
}

/** POST exchanges the token for the cookie, GET tells whether the caller has it: 204 or 401. */
async function answerSession(input: {
  request: IncomingMessage;
  response: ServerResponse;
  access: Access;
}): Promise<void> {
  const { request, response, access } = input;
  if (request.method === 'GET') {
    const known = access.hasSession(request);
    return send(response, known ? 204 : 401, known ? '' : 'No session: open the address that was printed.');
  }
  if (request.method !== 'POST') return send(response, 405, 'Only GET and POST are answered here.');
  const body = await readBody(request);
  const parsed = body === null ? null : exchangeSchema.safeParse(parseJson(body)).data;
  if (parsed == null) return send(response, 400, 'A JSON object with the token is needed.');
  const cookie = access.exchange(parsed.token);
  if (cookie === null) return send(response, 401, 'This token is wrong, or was used already.');
  response.writeHead(204, { ...headers, 'Set-Cookie': cookie }).end();
}

async function readBody(request: IncomingMessage): Promise<string | null> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of request) {
    if (!(part instanceof Uint8Array)) return null;
    size += part.length;
    if (size > largestBody) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function judgeUpgrade(request: IncomingMessage, access: Access): Refusal | null {
  const refusal = access.check(request, { needsOrigin: true });
  if (refusal !== null) return refusal;
  if (request.url !== '/rpc') return { status: 403, reason: 'There is one WebSocket: /rpc.' };
  return access.hasSession(request) ? null : { status: 401, reason: 'No session.' };
}

function refuseUpgrade(socket: Duplex, refusal: Refusal): void {
  const word = refusal.status === 401 ? 'Unauthorized' : 'Forbidden';
  socket.on('error', () => {});
  socket.end(
    `HTTP/1.1 ${refusal.status} ${word}\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(refusal.reason)}\r\n\r\n${refusal.reason}`,
  );
}
