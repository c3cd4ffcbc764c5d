import type { RepositoryUri } from '../../../src-shared/model/connectYaml/connectYaml.ts';
import { maxAnswerMs } from '../../../src-shared/model/tunnels/answerLimits.ts';
import { secondMs } from '../../../src-shared/base/time.ts';
import { createHttpSender } from './httpExchange.ts';
import type { MeteredStream } from './meteredStream.ts';
import { buildSmbNegotiate, negotiate } from './smb.ts';

/**
 * Padding of a large request: more than two packets of a network with 1,500 bytes, and less than the header
 * limit of common servers **[ours]**.
 */
export const largeBytes = 4_000;
/** A service has at least this time for each answer, because a network may repeat a lost packet **[ours]**. */
const minLargeMs = 5 * secondMs;

/** Time limit of each question to a service that has just answered a small one in `answeredMs`, in ms. */
export function maxLargeMs(answeredMs: number): number {
  return Math.min(maxAnswerMs, Math.max(minLargeMs, 2 * answeredMs));
}

type Target = {
  uri: RepositoryUri;
  connect: () => Promise<MeteredStream | null>;
  /** Time limit of each question. */
  timeoutMs: number;
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
  const send = createHttpSender({ uri: target.uri, connect, signal });
  const outcome = await send({ method: 'OPTIONS', path, accept: '*/*', padding });
  if ('answer' in outcome || outcome.facts.outcome !== 'nothing') return true;
  const { stage, answer = connection } = outcome.facts;
  // A handshake that fails here proves nothing, because it is small.
  if (stage === 'tls' || answer === null) return null;
  return answer.received() > 0 || !signal.aborted;
}

const passes = (target: Target, padding: number): Promise<Passes> => {
  const signal = AbortSignal.timeout(target.timeoutMs);
  return target.uri.service === 'smb'
    ? passesSmb(target, padding, signal)
    : passesHttp(target, padding, signal);
};

export type LargeResult =
  /** The large request was answered, or the test proves nothing. */
  | { result: 'passed' | 'unclear' }
  /** Small requests pass on the way to the service, large ones don't. */
  | { result: 'lost' }
  /** After the large request, small ones are not answered either. */
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
