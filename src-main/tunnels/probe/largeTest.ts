import type { RepositoryUri } from '../../../src-shared/model/connectYaml/connectYaml.ts';
import type { ServiceFacts } from '../../../src-shared/model/tunnels/probe.ts';
import { secondMs } from '../../../src-shared/base/time.ts';
import { createHttpSender } from './httpExchange.ts';
import type { MeteredStream } from './meteredStream.ts';
import { buildSmbNegotiate, negotiate } from './smb.ts';
import { startTls } from './tlsFacts.ts';

/**
 * Padding of a large request: more than two packets of a network with 1,500 bytes, and less than the header
 * limit of common servers **[ours]**.
 */
export const largeBytes = 4_000;
/** A service that has just answered a small request answers the same with padding within this time **[ours]**. */
const maxLargeMs = 5 * secondMs;

type Target = {
  uri: RepositoryUri;
  connect: () => Promise<MeteredStream | null>;
  /** Time limit of each question. */
  timeoutMs?: number;
};
/** Whether any answer or an end came. Null if the question could not be asked. */
type Passes = boolean | null;

/** Asks in SMB, with a negotiate context that servers skip (MS-SMB2 3.3.5.4). */
async function passesSmb({ connect }: Target, padding: number, signal: AbortSignal): Promise<Passes> {
  const connection = await connect();
  if (connection === null) return null;
  const facts = await negotiate(connection, { request: buildSmbNegotiate(padding), offered: null }, signal);
  return facts !== null || connection.received() > 0 || !signal.aborted;
}

/** Asks in HTTP, with a header that servers skip. */
async function passesHttp(target: Target, padding: number, signal: AbortSignal): Promise<Passes> {
  let connection: MeteredStream | null = null;
  const connect = async () => (connection = await target.connect());
  const path = target.uri.path || '/';
  const send = createHttpSender({ uri: target.uri, connect, signal, isShortHello: true });
  const outcome = await send({ method: 'OPTIONS', path, accept: '*/*', padding });
  if ('answer' in outcome || outcome.facts.outcome !== 'nothing') return true;
  const { stage, answer = connection } = outcome.facts;
  // A handshake that fails here proves nothing, because it is small.
  if (stage === 'tls' || answer === null) return null;
  return answer.received() > 0 || !signal.aborted;
}

const passes = (target: Target, padding: number): Promise<Passes> => {
  const signal = AbortSignal.timeout(target.timeoutMs ?? maxLargeMs);
  return target.uri.service === 'smb'
    ? passesSmb(target, padding, signal)
    : passesHttp(target, padding, signal);
};

export type LargeResult =
  /** The large request was answered, or the test proves nothing. */
  | { result: 'passed' | 'unclear' }
  /** Small requests pass on the way to the service, large ones don't. */
  | { result: 'lost' }
  /** After the large request, small ones don't pass either: the session of the tunnel is stuck. */
  | { result: 'stuck' };

/**
 * Sends a request of about 4 kB to a service that has just answered a small one, and then a small one again if
 * there is no answer. Never logs in.
 */
export async function testLargeRequest(target: Target): Promise<LargeResult> {
  const isPassed = await passes(target, largeBytes);
  if (isPassed !== false) return { result: isPassed === true ? 'passed' : 'unclear' };
  const isSmallPassed = await passes(target, 0);
  return { result: isSmallPassed === true ? 'lost' : 'stuck' };
}

/** The service that answers a short TLS handshake but not the usual one, whose first message takes two packets. */
export async function findLostHandshake(target: Target): Promise<ServiceFacts | null> {
  if (target.uri.scheme !== 'https') return null;
  const connection = await target.connect();
  if (connection === null) return null;
  const { stream, received, firstBytes } = connection;
  const signal = AbortSignal.timeout(target.timeoutMs ?? maxLargeMs);
  const started = performance.now();
  const { host } = target.uri;
  const secured = await startTls({ stream, host, received, firstBytes, signal, isShortHello: true });
  if (secured.outcome === 'secured') secured.socket.destroy();
  stream.destroy();
  if (secured.outcome !== 'secured') return null;
  const milliseconds = performance.now() - started;
  return { outcome: 'large-lost', what: 'handshake', sentBytes: longHelloBytes, milliseconds };
}

/** About the size of the usual first message, which has a key of a post-quantum exchange. */
const longHelloBytes = 1_700;
