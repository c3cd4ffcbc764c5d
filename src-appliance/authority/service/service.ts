import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { race } from '../../../src-shared/base/race.ts';
import { dayMs, minuteMs, secondMs } from '../../../src-shared/base/time.ts';
import { AppError } from '../../../src-shared/errors.ts';
import { systemErrorCode } from '../../../src-shared/node/systemErrorCode.ts';
import { callEvery } from '../../../src-shared/node/callEvery.ts';
import type { Authority } from '../store/authority.ts';
import { createRefusalLimit } from './refusalLimit.ts';
import { readBody, sendReply, tooManyStatus, type Reply } from './reply.ts';
import { failJson, routes, type Route } from './routes.ts';
import { createSenders } from './senders.ts';

const maxConnections = 256;
/** Milliseconds for a TLS handshake, for a whole request, and for an idle connection. */
const requestMs = 10 * secondMs;
const idleMs = 5 * secondMs;
/** For a report or statement of a known appliance: 64 MiB at 1 Mbit/s. */
const largeRequestMs = 10 * minuteMs;
const timeoutStatus = 408;

export type AuthorityService = { host: string; port: number; url: string; close: () => Promise<void> };

/** `path` is one of ours, or `?`: it never holds what a client sent. */
export type RequestLine = { method: string; path: string; status: number; durationMs: number };

/**
 * Serves the authority over HTTPS. Port 0 means a free port. Rejects with PORT_UNAVAILABLE, or with INVALID_INPUT if
 * the certificate and key don't fit. `onRequest` gets one line for each request, `onError` what failed inside.
 */
export async function startAuthorityService(options: {
  authority: Authority;
  host: string;
  port: number;
  cert: string | Buffer;
  key: string | Buffer;
  onRequest?: (line: RequestLine) => void;
  onError?: (thrown: unknown) => void;
}): Promise<AuthorityService> {
  const { authority, host, cert, key, onRequest = () => {}, onError = () => {} } = options;
  const server = makeServer({ cert, key });
  const refusals = createRefusalLimit();
  const senders = createSenders();
  server.maxConnections = maxConnections;
  server.keepAliveTimeout = idleMs;
  server.on('request', (request, response) => {
    const started = performance.now();
    response.on('close', () => {
      const { method = '?' } = request;
      const path = pathOf(request);
      const durationMs = Math.round(performance.now() - started);
      onRequest({
        method,
        path: Object.hasOwn(routes, path) ? path : '?',
        status: response.statusCode,
        durationMs,
      });
      if (isRefused(request, response)) refusals.count(addressOf(request));
    });
    respond({ request, response, authority, refusals, senders, onError }).catch((thrown: unknown) => {
      // A client that hangs up is no fault of the service.
      if (systemErrorCode(thrown) !== 'ECONNRESET') onError(thrown);
      response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new AppError('PORT_UNAVAILABLE', `${host}:${options.port} can’t be used.`, { cause })),
    );
    server.listen(options.port, host, resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  const { deleteOld } = authority.usage;
  deleteOld();
  const stopDeleting = callEvery({ everyMs: dayMs, work: deleteOld, onError });
  return {
    host,
    port,
    url: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    close: async () => {
      stopDeleting();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function makeServer({ cert, key }: { cert: string | Buffer; key: string | Buffer }) {
  try {
    return createServer({
      cert,
      key,
      handshakeTimeout: requestMs,
      requestTimeout: largeRequestMs,
      headersTimeout: requestMs,
      connectionsCheckingInterval: 1000,
    });
  } catch (cause) {
    throw new AppError('INVALID_INPUT', 'The TLS certificate and key can’t be used together.', { cause });
  }
}

const addressOf = ({ socket }: IncomingMessage): string => socket.remoteAddress ?? '';

/**
 * Whether the client did something wrong. A request that has to wait makes the wait no longer, and a page of another site
 * can't make a person wait.
 */
const isRefused = (request: IncomingMessage, { statusCode }: ServerResponse): boolean =>
  statusCode >= 400 && statusCode < 500 && statusCode !== tooManyStatus && !isFromOtherSite(request);

function pathOf(request: IncomingMessage): string {
  return URL.parse(request.url ?? '/', 'https://localhost')?.pathname ?? '/';
}

/**
 * Whether a page of another site lets a browser send the request: the browser may reach an authority that the page's author
 * can't. Other clients than browsers don't send the header.
 */
function isFromOtherSite({ method, headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site'];
  return method === 'POST' && site !== undefined && site !== 'same-origin' && site !== 'none';
}

/** The route of a request, or the reply without a route. */
function findRoute(request: IncomingMessage): Route | Reply {
  const path = pathOf(request);
  const methods = Object.hasOwn(routes, path) ? routes[path] : undefined;
  const plain = { 'Content-Type': 'text/plain; charset=utf-8' };
  if (methods === undefined) return { status: 404, body: 'There is no such page.\n', headers: plain };
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const route = method === 'GET' || method === 'POST' ? methods[method] : undefined;
  const allow = Object.keys(methods).join(', ');
  return route ?? { status: 405, body: `Only ${allow} is allowed.\n`, headers: { ...plain, Allow: allow } };
}

function waitReply(fail: Route['fail'], error: AppError, waitMs: number): Reply {
  const reply = fail(error);
  return { ...reply, headers: { ...reply.headers, 'Retry-After': `${Math.ceil(waitMs / secondMs)}` } };
}

function refusalReply(fail: Route['fail'], waitMs: number): Reply {
  const seconds = Math.ceil(waitMs / secondMs);
  const message = `Too many requests from this address were refused. Wait ${seconds} s.`;
  return waitReply(fail, new AppError('TOO_MANY_REQUESTS', message), waitMs);
}

type Exchange = {
  request: IncomingMessage;
  response: ServerResponse;
  authority: Authority;
  refusals: ReturnType<typeof createRefusalLimit>;
  senders: ReturnType<typeof createSenders>;
  onError: (thrown: unknown) => void;
};

async function respond(exchange: Exchange): Promise<void> {
  const { request, response, authority, refusals, senders } = exchange;
  /** Its body is not read, so the connection can't be used again. */
  const refuseUnread = (reply: Reply) => {
    response.shouldKeepAlive = false;
    sendReply(response, reply);
  };
  const route = findRoute(request);
  const waitMs = refusals.waitMs(addressOf(request));
  if (waitMs > 0) return refuseUnread(refusalReply('status' in route ? failJson : route.fail, waitMs));
  if ('status' in route) {
    response.shouldKeepAlive = request.method === 'GET' || request.method === 'HEAD';
    return sendReply(response, route);
  }
  if (isFromOtherSite(request))
    return refuseUnread(route.fail(new AppError('NOT_PERMITTED', 'Another site sent this form.')));
  let endSending: (() => void) | null = null;
  try {
    const sender = route.admit?.({ authority, headers: request.headers });
    if (sender !== undefined) endSending = senders.start(sender.id);
  } catch (thrown) {
    const isBusy = thrown instanceof AppError && thrown.code === 'TOO_MANY_REQUESTS';
    return refuseUnread(isBusy ? waitReply(route.fail, thrown, secondMs) : route.fail(thrown));
  }
  try {
    await runRoute(exchange, route);
  } finally {
    endSending?.();
  }
}

async function runRoute({ request, response, authority, onError }: Exchange, route: Route): Promise<void> {
  const body = await race(readBody(request, route.maxBytes), {
    timeoutMs: route.admit === undefined ? requestMs : largeRequestMs,
    onTimeout: () => 'late' as const,
  });
  if (body === 'late') {
    response.shouldKeepAlive = false;
    const late = new AppError('INVALID_INPUT', 'The request was not complete in time.');
    return sendReply(response, route.fail(late, timeoutStatus));
  }
  if (body === null) {
    response.shouldKeepAlive = false;
    const tooLarge = new AppError('INVALID_INPUT', `The body is larger than ${route.maxBytes} bytes.`);
    return sendReply(response, route.fail(tooLarge, 413));
  }
  const contentType = request.headers['content-type'] ?? '';
  try {
    sendReply(response, await route.run({ authority, body, contentType, headers: request.headers }));
  } catch (thrown) {
    if (!(thrown instanceof AppError)) onError(thrown);
    sendReply(response, route.fail(thrown));
  }
}
