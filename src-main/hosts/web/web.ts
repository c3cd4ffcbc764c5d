import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { AppError } from '../../../src-shared/errors.ts';
import type { Services } from '../../services.ts';
import { isCameraAddress } from '../../../src-shared/cameraAddress.ts';
import { cameraHeaders, webHeaders } from '../page/headers.ts';
import { openPageFiles, type PageFiles } from '../page/pageFiles.ts';
import { type Access, createAccess } from './access.ts';
import { listenOnLoopback } from './loopback.ts';
import { refuseUpgrade, sendRefusal, sendText } from './refusals.ts';
import { createWebSessions } from './sessions.ts';
import { createSocketEntry } from './socketEntry.ts';
import { secondMs } from '../../../src-shared/base/time.ts';

/**
 * Maximum number of connections on each of the two addresses. A browser opens up to six, and one more for
 * each tab.
 */
const maxConnections = 256;
/** Milliseconds that a request may take, and that a connection without a request stays open. */
const requestMs = 10 * secondMs;

export type WebHost = {
  /**
   * The address of the page. Its fragment contains a one-time token, because browsers never send the fragment
   * to a server.
   */
  url: string;
  port: number;
  /** Creates an address with a new token. The last address becomes invalid if it was not used. */
  newUrl: () => string;
  close: () => Promise<void>;
};

/**
 * Serves the page and the contract on 127.0.0.1 and ::1. Port 0 means a free port; `hostName` null means a
 * random name. Rejects with NOT_FOUND if the page is not built, or with PORT_UNAVAILABLE.
 */
export async function startWebHost(options: {
  services: Services;
  port: number;
  rendererFolder: string;
  hostName: string | null;
  idleMs: number;
}): Promise<WebHost> {
  const page = await openPageFiles(options.rendererFolder).catch((thrown: unknown) => {
    throw new AppError('NOT_FOUND', 'The page is not built yet: run "npm run build" first.', {
      detail: { folder: options.rendererFolder },
      cause: thrown,
    });
  });
  const hostName = options.hostName ?? `${randomBytes(12).toString('hex')}.localhost`;
  const access = createAccess({ hostName });
  const sessions = createWebSessions({ idleMs: options.idleMs });
  const entry = createSocketEntry({ services: options.services, sessions });

  const makeServer = (): Server => {
    const server = createServer({
      requestTimeout: requestMs,
      headersTimeout: requestMs,
      connectionsCheckingInterval: 1000,
    });
    server.maxConnections = maxConnections;
    server.on('request', (request, response) => {
      answer({ request, response, access, page }).catch((thrown: unknown) => {
        options.services.log.error({ err: thrown }, 'request failed');
        if (!response.headersSent) sendText(response, 500, 'Something failed; the log has the details.');
        else response.destroy();
      });
    });
    server.on('upgrade', (request, socket, head) => {
      const refusal = access.check(request, { needsOrigin: true });
      if (refusal === null) entry.upgrade(request, socket, head);
      else refuseUpgrade(socket, refusal);
    });
    return server;
  };
  const { port, servers } = await listenOnLoopback(makeServer, options.port);
  const newUrl = (): string => `http://${hostName}:${port}/#token=${sessions.issueToken()}`;

  return {
    url: newUrl(),
    port,
    newUrl,
    close: async () => {
      entry.close();
      for (const server of servers) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}

async function answer(input: {
  request: IncomingMessage;
  response: ServerResponse;
  access: Access;
  page: PageFiles;
}): Promise<void> {
  const { request, response, access, page } = input;
  const refusal = access.check(request);
  if (refusal !== null) return sendRefusal(response, refusal);
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return sendText(response, 405, 'Only GET and HEAD are allowed.', { Allow: 'GET, HEAD' });
  const pathname = URL.parse(request.url ?? '/', 'http://localhost')?.pathname ?? '/';
  const file = await page.respond(pathname, request.headers['accept-encoding']);
  response.writeHead(file.status, {
    ...file.headers,
    ...(isCameraAddress(request.url ?? '/') ? cameraHeaders : webHeaders),
    'Content-Length': file.body.length,
  });
  response.end(request.method === 'HEAD' ? undefined : file.body);
}
