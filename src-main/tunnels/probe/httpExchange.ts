import { once } from 'node:events';
import { IncomingMessage, request as httpRequest } from 'node:http';
import type { RepositoryUri } from '../../../src-shared/model/connectYaml/connectYaml.ts';
import { quoteText, shorten, visibleText } from '../../../src-shared/base/machineText.ts';
import type { TlsFacts } from '../../../src-shared/model/tunnels/probe.ts';
import { describeBytes, isTlsRecord } from './describeBytes.ts';
import { createMeteredStream, maxAnswerBytes, type MeteredStream } from './meteredStream.ts';
import type { ProtocolFacts } from './serviceProbe.ts';
import { describeTlsError, startTls } from './tlsFacts.ts';
import { systemErrorCode } from '../../../src-shared/node/systemErrorCode.ts';

export type HttpAnswer = {
  status: number;
  /** A short description for errors, e.g. `HTTP 404 text/html “Not Found”`. */
  described: string;
  /** Whether the answer is a redirect that was not followed. */
  leadsElsewhere?: boolean;
  /** Whether a redirect led to a page with a password field. */
  isLoginPage?: boolean;
  header: (name: string) => string;
  /** The first 64 kB of the body. */
  body: string;
  tls: TlsFacts | null;
  answeredAt: number;
};

/** The answer to one request, or the result that follows from its failure. */
export type HttpOutcome = { answer: HttpAnswer } | { facts: ProtocolFacts };
export type SendHttpRequest = (query: {
  method: 'GET' | 'OPTIONS';
  path: string;
  accept: string;
  /** Bytes of an additional header. */
  padding?: number;
}) => Promise<HttpOutcome>;

/** Returns the value of the Host header. */
export function formatHostHeader({ host, port }: RepositoryUri): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/**
 * The path in the request line. Encodes non-ASCII characters as UTF-8 and leaves encoded parts unchanged (RFC
 * 3986, 2.1). `path` has no lone surrogates, because readRepositoryUri refuses them.
 */
function encodePath(path: string): string {
  return path.replaceAll(/[^\u0021-\u007e]/gu, encodeURIComponent);
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response) {
    if (!Buffer.isBuffer(chunk)) break;
    chunks.push(chunk);
    length += chunk.length;
    if (length >= maxAnswerBytes / 2) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The title of a page, in which servers say what is wrong, or what the page is. */
function titleOf(body: string): string {
  const title = /<title>([^<]{1,300})/iu.exec(body)?.[1]?.replaceAll(/\s+/gu, ' ').trim() ?? '';
  return title === '' ? '' : ` ${quoteText(shorten(title, 80))}`;
}

const mediaType = /^[\w.+-]{1,40}\/[\w.+-]{1,40}$/u;

function describe(response: IncomingMessage, body: string): string {
  const header = response.headers['content-type']?.split(';')[0]?.trim() ?? '';
  const type = header === '' || mediaType.test(header) ? header : quoteText(header);
  const isPage = /html/iu.test(type);
  const text = `HTTP ${response.statusCode ?? 0} ${type}`.trim();
  return shorten(visibleText(`${text}${isPage ? titleOf(body) : ''}`), 160);
}

/**
 * Whether the answer is not HTTP. Node's HTTP parser uses error codes `HPE_…`; other errors come from the
 * connection.
 */
function isParseError(thrown: unknown): boolean {
  return String(systemErrorCode(thrown)).startsWith('HPE_');
}

/** Whether the error is one of TLS. OpenSSL's error codes are `ERR_SSL_…`. */
function isTlsError(thrown: unknown): thrown is Error {
  return thrown instanceof Error && String(systemErrorCode(thrown)).startsWith('ERR_SSL_');
}

async function ask(target: {
  /** The connection, or what is inside its TLS. */
  connection: MeteredStream;
  uri: RepositoryUri;
  query: Parameters<SendHttpRequest>[0];
  tls: TlsFacts | null;
  signal: AbortSignal;
}): Promise<HttpOutcome> {
  const { uri, query, tls, signal, connection } = target;
  const nothing: HttpOutcome = {
    facts: { outcome: 'nothing', stage: 'protocol', ...(tls === null ? {} : { answer: connection }) },
  };
  const sent = httpRequest({
    createConnection: () => connection.stream,
    method: query.method,
    path: encodePath(query.path),
    headers: {
      host: formatHostHeader(uri),
      'user-agent': 'Sallyport-probe',
      accept: query.accept,
      connection: 'close',
      ...(query.padding === undefined || query.padding === 0
        ? {}
        : { 'x-padding': 'x'.repeat(query.padding) }),
    },
    signal,
  });
  // Ignore errors after the complete answer.
  sent.on('error', () => undefined);
  sent.end();
  try {
    const [response]: unknown[] = await once(sent, 'response');
    if (!(response instanceof IncomingMessage)) return nothing;
    const body = await bodyOf(response);
    const { headers } = response;
    return {
      answer: {
        status: response.statusCode ?? 0,
        described: describe(response, body),
        header: (name) => {
          const value = headers[name];
          return shorten(visibleText(Array.isArray(value) ? value.join(', ') : (value ?? '')), 500);
        },
        body,
        tls,
        answeredAt: performance.now(),
      },
    };
  } catch (thrown) {
    // In TLS 1.3 a server that wants a certificate says so only after the handshake.
    if (isTlsError(thrown)) return { facts: { outcome: 'tls-failed', ...describeTlsError(thrown) } };
    if (!isParseError(thrown) || connection.received() === 0) return nothing;
    const first = connection.firstBytes();
    const saw = tls === null ? describeBytes(first) : `inside TLS: ${describeBytes(first)}`;
    return { facts: { outcome: 'wrong-protocol', saw, tls, mayWantTls: tls === null && isTlsRecord(first) } };
  } finally {
    sent.destroy();
  }
}

/**
 * Sends requests through the tunnel, each on its own connection. Uses TLS if the URI's scheme requires it.
 */
export function createHttpSender(target: {
  uri: RepositoryUri;
  connect: () => Promise<MeteredStream | null>;
  signal: AbortSignal;
}): SendHttpRequest {
  const { uri, signal } = target;
  return async (query) => {
    const connection = await target.connect();
    if (connection === null) return { facts: { outcome: 'nothing', stage: 'protocol' } };
    try {
      if (uri.scheme !== 'https') return await ask({ connection, uri, query, tls: null, signal });
      const { stream, received, firstBytes } = connection;
      const secured = await startTls({ stream, host: uri.host, received, firstBytes, signal });
      if (secured.outcome === 'nothing') return { facts: { outcome: 'nothing', stage: 'tls' } };
      if (secured.outcome === 'failed') {
        const beginning = describeBytes(firstBytes());
        const { outcome: _, ...fault } = secured;
        if (isTlsRecord(firstBytes())) return { facts: { outcome: 'tls-failed', ...fault } };
        const reason = `no TLS; it sent ${beginning}`;
        return { facts: { outcome: 'tls-failed', reason, cause: 'speaks-no-tls' } };
      }
      const inside = createMeteredStream(secured.socket);
      return await ask({ connection: inside, uri, query, tls: secured.tls, signal });
    } finally {
      connection.stream.destroy();
    }
  };
}
