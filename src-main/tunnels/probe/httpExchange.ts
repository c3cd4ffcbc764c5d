import { once } from 'node:events';
import { IncomingMessage, request as httpRequest } from 'node:http';
import type { RepositoryUri } from '../../../src-shared/model/connectYaml/connectYaml.ts';
import { shorten, visibleText } from '../../../src-shared/base/machineText.ts';
import type { TlsFacts } from '../../../src-shared/model/tunnels/probe.ts';
import { describeBytes } from './describeBytes.ts';
import { createMeteredStream, maxAnswerBytes, type MeteredStream } from './meteredStream.ts';
import type { ProtocolFacts } from './serviceProbe.ts';
import { startTls } from './tlsFacts.ts';
import { systemErrorCode } from '../../../src-shared/node/systemErrorCode.ts';

export type HttpAnswer = {
  status: number;
  /** A short description for errors, e.g. `HTTP 200 text/html`. */
  described: string;
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

function describe(response: IncomingMessage): string {
  const type = response.headers['content-type']?.split(';')[0] ?? '';
  return shorten(visibleText(`HTTP ${response.statusCode ?? 0} ${type}`.trim()), 120);
}

/**
 * Whether the answer is not HTTP. Node's HTTP parser uses error codes `HPE_…`; other errors come from the
 * connection.
 */
function isParseError(thrown: unknown): boolean {
  return String(systemErrorCode(thrown)).startsWith('HPE_');
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
        described: describe(response),
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
    if (!isParseError(thrown) || connection.received() === 0) return nothing;
    const saw = describeBytes(connection.firstBytes());
    return { facts: { outcome: 'wrong-protocol', saw: tls === null ? saw : `inside TLS: ${saw}`, tls } };
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
      const { stream, received } = connection;
      const secured = await startTls({ stream, host: uri.host, received, signal });
      if (secured.outcome === 'nothing') return { facts: { outcome: 'nothing', stage: 'tls' } };
      if (secured.outcome === 'failed') {
        const beginning = describeBytes(connection.firstBytes());
        const spoke = beginning === 'TLS' ? '' : `; it sent ${beginning}`;
        return { facts: { outcome: 'tls-failed', reason: `${secured.reason}${spoke}` } };
      }
      const inside = createMeteredStream(secured.socket);
      return await ask({ connection: inside, uri, query, tls: secured.tls, signal });
    } finally {
      connection.stream.destroy();
    }
  };
}
