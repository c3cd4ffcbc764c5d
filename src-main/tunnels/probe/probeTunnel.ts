import { readRepositoryUri } from '../../../src-shared/model/connectYaml/connectYaml.ts';
import type { RepositoryService } from '../../../src-shared/model/connectYaml/repositoryServices.ts';
import { shorten } from '../../../src-shared/base/machineText.ts';
import type { ForwardFacts, ServiceFacts } from '../../../src-shared/model/tunnels/probe.ts';
import { describeBytes } from './describeBytes.ts';
import { identifyService, otherProtocols } from './identify.ts';
import { largeBytes, maxLargeMs, testLargeRequest } from './largeTest.ts';
import { probeAlfresco, probeCmis, probeCq5, probeWebdav } from './httpServices.ts';
import type { MeteredStream } from './meteredStream.ts';
import { openForward, type OpenPort } from './openForward.ts';
import type { ProtocolFacts, ServiceProbe } from './serviceProbe.ts';
import { probeSmb } from './smb.ts';
import { race } from '../../../src-shared/base/race.ts';
import { secondMs } from '../../../src-shared/base/time.ts';
import { maxAnswerMs, maxRefusalMs } from '../../../src-shared/model/tunnels/answerLimits.ts';

/** A server that reads its input closes within this time after the end of the input **[ours]**. */
const maxClosingMs = 3 * secondMs;
/** A later end than this after the end of the input may have another reason **[ours]**. */
const promptClosingMs = secondMs / 4;

const services = {
  smb: probeSmb,
  webdav: probeWebdav,
  cmis: probeCmis,
  alfresco: probeAlfresco,
  cq5: probeCq5,
} as const satisfies Record<RepositoryService, ServiceProbe>;

export type TunnelFacts = { forward: ForwardFacts; service: ServiceFacts | null };

const endsWithin = (connection: MeteredStream, timeoutMs: number) =>
  race(
    connection.ended.then(() => true),
    { timeoutMs, onTimeout: () => false },
  );

/**
 * Probes a port whose service is unknown, so it sends nothing. Checks whether the connection is closed at
 * once, which means that the service refuses connections, and whether it is closed after the end of our
 * input.
 */
async function probeUnknown(target: {
  open: OpenPort;
  port: number;
  connection: MeteredStream;
  openedAt: number;
}): Promise<ServiceFacts> {
  const { open, port, connection, openedAt } = target;
  const { stream } = connection;
  stream.resume();
  try {
    const closed = await endsWithin(connection, maxRefusalMs);
    if (closed && connection.received() === 0)
      return { outcome: 'closed', milliseconds: performance.now() - openedAt, stage: 'start' };
    if (closed) return { outcome: 'not-known', closedInOrder: true };
    stream.end();
    const endedAt = performance.now();
    const isClosed = await endsWithin(connection, maxClosingMs);
    if (connection.received() > 0) return { outcome: 'not-known', closedInOrder: true };
    const milliseconds = performance.now() - openedAt;
    const isPrompt = performance.now() - endedAt <= promptClosingMs;
    // An attempt to connect to the service may have failed just then, e.g. because there is no route to it. A
    // service that ends idle connections looks the same.
    if (
      isClosed &&
      !isPrompt &&
      (await isClosedWithoutRequest({ open, port, timeoutMs: 1.3 * milliseconds }))
    )
      return { outcome: 'not-known', endedAfterMs: milliseconds };
    return { outcome: 'not-known', closedInOrder: isClosed };
  } finally {
    stream.destroy();
  }
}

/**
 * Whether a new connection is closed in time before anything is sent. Then the service can't be connected to.
 */
async function isClosedWithoutRequest(target: {
  open: OpenPort;
  port: number;
  timeoutMs: number;
}): Promise<boolean> {
  const { connection } = await openForward(target.open, target.port);
  if (connection === null) return false;
  connection.stream.resume();
  try {
    return (await endsWithin(connection, target.timeoutMs)) && connection.received() === 0;
  } finally {
    connection.stream.destroy();
  }
}

type Uri = Exclude<ReturnType<typeof readRepositoryUri>, string>;
type Connect = () => Promise<MeteredStream | null>;
type Answered = Extract<ServiceFacts, { outcome: 'answered' | 'asks-log-in' }>;

function addDuration(facts: Extract<ProtocolFacts, { answeredAt: number }>, openedAt: number): Answered {
  const { outcome, protocol, tls, answeredAt } = facts;
  return {
    outcome,
    protocol: shorten(protocol, 200),
    tls,
    milliseconds: Math.max(0, answeredAt - openedAt),
  };
}

/** The result after a large request to a service that answered a small one. */
async function addLargeRequest(
  target: { uri: Uri; connect: Connect },
  service: Answered,
): Promise<ServiceFacts | 'stuck'> {
  const timeoutMs = maxLargeMs(service.milliseconds);
  const { result } = await testLargeRequest({ ...target, timeoutMs });
  switch (result) {
    case 'passed':
      return { ...service, largeBytes };
    case 'unclear':
      return service;
    case 'stuck':
      return 'stuck';
    case 'lost': {
      const { milliseconds } = service;
      return { outcome: 'large-lost', sentBytes: largeBytes, milliseconds };
    }
  }
}

/** The result if the port speaks another protocol than the one in connect.yaml. Null if none is known. */
async function findOtherProtocol(uri: Uri, connect: Connect, before = ''): Promise<ServiceFacts | null> {
  const isHttp = before !== '';
  const protocols = isHttp ? (['tls'] as const) : otherProtocols(uri);
  const identified = await identifyService({ uri, connect, protocols, certainOnly: isHttp });
  if (identified === null) return null;
  const { spoken } = identified;
  if (identified.wantsProxyHeader)
    return {
      outcome: 'wrong-protocol',
      saw: `${spoken}, but only after a header of the PROXY protocol, which Connect doesn’t send`,
      tls: null,
      cause: 'wants-proxy-header',
    };
  const saw = `${before}${spoken}; connect.yaml says ${uri.scheme ?? uri.service}`;
  return uri.scheme === 'https'
    ? { outcome: 'tls-failed', reason: `no TLS, but ${saw}`, cause: 'speaks-no-tls' }
    : {
        outcome: 'wrong-protocol',
        saw,
        tls: null,
        ...(spoken.startsWith('TLS') ? { cause: 'speaks-tls' } : {}),
      };
}

async function probeService(target: {
  open: OpenPort;
  port: number;
  uri: Uri;
  connection: MeteredStream;
  openedAt: number;
  isLarge: boolean;
}): Promise<ServiceFacts | 'stuck'> {
  const { open, port, uri, openedAt } = target;
  const overdue = new AbortController();
  const timer = setTimeout(() => overdue.abort(), maxAnswerMs);
  const connections = [target.connection];
  let taken = 0;
  const connect = async () => {
    taken += 1;
    if (taken === 1) return target.connection;
    const { connection } = await openForward(open, port);
    if (connection !== null) connections.push(connection);
    return connection;
  };
  try {
    const facts = await services[uri.service]({ uri, connect, signal: overdue.signal });
    const milliseconds = performance.now() - openedAt;
    if (facts.outcome === 'wrong-protocol' && facts.mayWantTls === true)
      return (await findOtherProtocol(uri, connect, `${facts.saw}; `)) ?? facts;
    if ('answeredAt' in facts) {
      const service = addDuration(facts, openedAt);
      return target.isLarge ? addLargeRequest({ uri, connect }, service) : service;
    }
    if (facts.outcome !== 'nothing') return facts;
    const { stage } = facts;
    const last = facts.answer ?? connections.at(-1) ?? target.connection;
    if (last.received() > 0) {
      const how = overdue.signal.aborted ? 'was incomplete when the time ran out' : 'ended early';
      const reason = `the answer ${how} after ${last.received()} bytes: ${describeBytes(last.firstBytes())}`;
      return stage === 'tls' ? { outcome: 'tls-failed', reason } : { outcome: 'fails', reason, tls: null };
    }
    if (overdue.signal.aborted)
      return (await findOtherProtocol(uri, connect)) ?? { outcome: 'silent', milliseconds, stage };
    // After TLS the service has accepted the connection. After a late end, the request was not the reason.
    const mayRefuse = facts.answer === undefined && milliseconds < maxRefusalMs;
    const refused = mayRefuse && (await isClosedWithoutRequest({ open, port, timeoutMs: maxRefusalMs }));
    if (refused) return { outcome: 'closed', milliseconds, stage: 'start' };
    const other = milliseconds < maxRefusalMs ? await findOtherProtocol(uri, connect) : null;
    const isAccepted = facts.answer !== undefined;
    return other ?? { outcome: 'closed', milliseconds, stage, ...(isAccepted ? { isAccepted } : {}) };
  } finally {
    clearTimeout(timer);
    for (const connection of connections) connection.stream.destroy();
  }
}

/**
 * Probes one tunnel from its appliance, without a login and within a time limit. Rejects only with errors of
 * the link, because they say nothing about the tunnel.
 */
export async function probeTunnel(target: {
  open: OpenPort;
  port: number;
  /** The repository's URI. Null for plain OpenSSH, which announces none. */
  uri: string | null;
  /** Whether to send a large request as well. It can stall the session if the network loses large packets. */
  isLarge?: boolean;
}): Promise<TunnelFacts> {
  const { open, port } = target;
  const opened = await openForward(open, port);
  if (opened.connection === null) return { forward: opened.facts, service: null };
  const { facts: forward, connection, openedAt } = opened;
  const uri = target.uri === null ? null : readRepositoryUri(target.uri);
  if (uri === null || typeof uri === 'string')
    return { forward, service: await probeUnknown({ open, port, connection, openedAt }) };
  const isLarge = target.isLarge ?? false;
  const service = await probeService({ open, port, uri, connection, openedAt, isLarge });
  if (service !== 'stuck') return { forward, service };
  const stuck = { sentBytes: largeBytes, openMilliseconds: forward.milliseconds };
  const milliseconds = performance.now() - openedAt;
  return { forward: { outcome: 'large-lost', ...stuck, milliseconds }, service: null };
}
