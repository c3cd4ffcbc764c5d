import type { RepositoryUri } from '../../../src-shared/model/connectYaml/connectYaml.ts';
import { secondMs } from '../../../src-shared/base/time.ts';
import { describeBytes } from './describeBytes.ts';
import { formatHostHeader } from './httpExchange.ts';
import { destroyAtAbort, type MeteredStream } from './meteredStream.ts';
import { buildSmbNegotiate } from './smb.ts';
import { startTls } from './tlsFacts.ts';

/** Time limit for all questions together. A service that answers at all does so at once **[ours]**. */
const maxIdentifyMs = 3 * secondMs;

type Protocol = 'tls' | 'http' | 'smb' | 'proxied-http' | 'proxied-tls';
type Question = { connection: MeteredStream; uri: RepositoryUri; signal: AbortSignal };

/** Sends bytes and describes the first bytes of the answer. Null without an answer. */
async function askBytes({ connection, signal }: Question, request: Buffer | string): Promise<string | null> {
  const { stream } = connection;
  const keep = destroyAtAbort(stream, signal);
  try {
    stream.write(request);
    for await (const _ of stream) break;
  } catch {
    // The connection failed. What came before that still tells the protocol.
  } finally {
    keep();
  }
  return connection.received() === 0 ? null : describeBytes(connection.firstBytes());
}

async function askTls({ connection, uri, signal }: Question): Promise<string | null> {
  const { stream, received, firstBytes } = connection;
  const secured = await startTls({ stream, host: uri.host, received, firstBytes, signal });
  if (secured.outcome !== 'secured') return received() === 0 ? null : describeBytes(firstBytes());
  secured.socket.destroy();
  return `${secured.tls.protocol.replace('TLSv', 'TLS ')}, certificate of ${secured.tls.subject}`;
}

/** The header that a load balancer sends to a service before the data of a client (HAProxy's PROXY protocol 1). */
const proxyHeader = 'PROXY UNKNOWN\r\n';
const optionsRequest = ({ uri }: Question) =>
  `OPTIONS / HTTP/1.1\r\nHost: ${formatHostHeader(uri)}\r\nConnection: close\r\n\r\n`;

const questions = {
  tls: askTls,
  http: (question: Question) => askBytes(question, optionsRequest(question)),
  smb: (question: Question) => askBytes(question, buildSmbNegotiate()),
  'proxied-http': (question: Question) => askBytes(question, `${proxyHeader}${optionsRequest(question)}`),
  'proxied-tls': (question: Question) => {
    question.connection.stream.write(proxyHeader);
    return askTls(question);
  },
} as const satisfies Record<Protocol, (question: Question) => Promise<string | null>>;

/** What an answer in the protocol begins with, as `describeBytes` and `askTls` name it. */
const isIn: Readonly<Record<Protocol, RegExp>> = {
  tls: /^TLS/u,
  http: /^HTTP/u,
  smb: /^SMB/u,
  'proxied-http': /^HTTP/u,
  'proxied-tls': /^TLS [^a]/u,
};

const isRefusedHttp = /^HTTP: HTTP\/1\.[01] 400 /u;

/** `wantsProxyHeader`: it answers only after a header of the PROXY protocol. */
type Identified = { spoken: string; wantsProxyHeader: boolean };

/**
 * Asks a service in other protocols than its own, each on a new connection and at the same time. Returns what
 * it speaks, e.g. `SSH: SSH-2.0-OpenSSH_9.2`, or null if it answers none of them.
 */
export async function identifyService(target: {
  uri: RepositoryUri;
  connect: () => Promise<MeteredStream | null>;
  protocols: readonly Protocol[];
  /** Only counts answers in the protocol in which the question was. */
  certainOnly?: boolean;
  timeoutMs?: number;
}): Promise<Identified | null> {
  const signal = AbortSignal.timeout(target.timeoutMs ?? maxIdentifyMs);
  const answers = await Promise.all(
    target.protocols.map(async (protocol) => {
      const connection = await target.connect();
      if (connection === null) return null;
      const spoken = await questions[protocol]({ connection, uri: target.uri, signal });
      connection.stream.destroy();
      if (spoken === null) return null;
      const isOwn = isIn[protocol].test(spoken);
      const wantsProxyHeader = protocol === 'proxied-http' || protocol === 'proxied-tls';
      // Any service may answer to a header that it doesn't know. Only its own protocol shows that it does.
      return wantsProxyHeader && !isOwn ? null : { spoken, isOwn, wantsProxyHeader };
    }),
  );
  // An answer in the asked protocol is certain. Others answer a question that they don't understand. A TLS
  // port also answers plain HTTP, with 400.
  const usable = answers.filter((answer) => answer !== null && !isRefusedHttp.test(answer.spoken));
  const own = usable.find((answer) => answer?.isOwn) ?? null;
  return own ?? (target.certainOnly === true ? null : (usable.at(0) ?? null));
}

/** The protocols to ask for if a service didn't answer in its own. */
export function otherProtocols({ service, scheme }: RepositoryUri): Protocol[] {
  if (service === 'smb') return ['http', 'tls'];
  return scheme === 'https' ? ['http', 'smb', 'proxied-tls'] : ['tls', 'smb', 'proxied-http'];
}
