import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { countPorts, hasPort, type PortRange } from '../../src-shared/model/ports.ts';
import { watchAllotment } from './allotmentWatch.ts';
import { limitAnnouncement } from './announcementLimits.ts';
import { countActiveTenants, findTenantById, mayListenForMembers } from './authorization.ts';
import type { ApplianceConfig } from './config.ts';
import { createLineCutter } from './messageLines.ts';
import {
  clientMessageSchema,
  encodeMessage,
  heartbeatSeconds,
  longestAnnouncement,
  longestLine,
  reconnectSpreadSeconds,
  registrarProtocolVersion,
  type AnnouncedForward,
  type ClientMessage,
  type RefusalCode,
  type ServerMessage,
} from './registrarProtocol.ts';
import { plainEnding, saveAnnouncement, saveEnding } from './sessionRecords.ts';

/** What the registrar knows of its client. Both are null for plain OpenSSH, which says nothing. */
export type RegistrarState = { connectVersion: string | null; lastHeartbeatAt: string | null };

/** After so many refusals a client is not worth listening to **[ours]**. */
const maxRefusals = 8;
/** Nor after so many bytes without the end of a line **[ours]**. */
export const maxUnbrokenBytes = 4 * longestAnnouncement;
/** Each announcement and heartbeat that is kept costs time: a client may not have it written more often **[ours]**. */
const announcementGapMs = 200;
const heartbeatGapMs = 1_000;
/** A large announcement costs all others more time, so the next one waits longer **[ours]**. */
const announcedBytesPerMs = 100;
/** All sessions share one process: none may keep it busy **[ours]**. */
const maxMessagesPerSecond = 200;

type Session = {
  config: Pick<ApplianceConfig, 'stateFolder' | 'runFolder' | 'applianceVersion' | 'listenAddress'>;
  clientId: string;
  /** Of the key that it logged in with: the session ends with that key's time. */
  fingerprint: string;
  peer: { address: string; port: number } | null;
  input: Readable;
  output: Writable;
  onState: (state: RegistrarState) => Promise<void>;
  /** Called with the forwards of each announcement that was kept. */
  onAnnounced?: (forwards: readonly AnnouncedForward[]) => void;
  /** Called with the bytes of a line that is not complete yet, which this session holds in memory. */
  onHeld?: (bytes: number) => void;
  /** The connection's end. */
  signal: AbortSignal;
  /** Expels the client; its reason is a text for the tenant's list. */
  expulsion?: AbortSignal;
  /** What an earlier process knew of a session that goes on: it was welcomed then. */
  resumed?: RegistrarState;
  now: () => number;
};

/**
 * Speaks with one tenant over its session channel until that ends, and resolves then. The end of input ends it only
 * once a Connect said hello: plain `ssh -R` may come without input and must keep its forwards. The caller has proven who
 * `clientId` is, and ends the connection of a client that is `expelled`: that was refused too often, or whose key's time
 * is over. Input is read no faster than it is handled and answered, so that a flood stays with its sender.
 */
export async function serveRegistrar(session: Session): Promise<'ended' | 'expelled'> {
  const { config, clientId, output } = session;
  const { stateFolder } = config;
  const over = new AbortController();
  const end = () => over.abort();
  const ended = whenAborted(over.signal);
  output.once('error', end);
  output.once('close', end);
  void whenAborted(session.signal).then(end);
  let expelledFor: string | null = null;
  const expel = (reason: string) => {
    expelledFor ??= reason;
    end();
  };
  const { expulsion } = session;
  if (expulsion !== undefined) void whenAborted(expulsion).then(() => expel(String(expulsion.reason)));

  const send = async (message: ServerMessage): Promise<void> => {
    if (output.write(encodeMessage(message)) || !output.writable) return;
    await Promise.race([new Promise((resolve) => output.once('drain', resolve)), ended]);
  };
  const tenant = findTenantById({ stateFolder, clientId });
  if (tenant === null || tenant.suspended) {
    await send({ type: 'refused', code: 'NOT_AUTHORIZED', message: `${clientId} has no access` });
    return 'ended';
  }
  const allotment = { ports: tenant.ports };
  const stopWatching = watchAllotment({
    stateFolder,
    clientId,
    fingerprint: session.fingerprint,
    ports: tenant.ports,
    now: session.now,
    onPorts: (ports) => {
      allotment.ports = ports;
      void send({ type: 'ports', ports });
    },
    onKeyExpired: () => expel('ended: the time of its replaced key was over'),
  });
  // A client that was welcomed before is told its ports again: what it announces in answer may have been lost.
  if (session.resumed?.connectVersion != null) await send({ type: 'ports', ports: tenant.ports });
  else await send(welcome(session, tenant.ports));
  // Input that breaks off ends the session as its end does.
  const conversation = converse({ session, allotment, send, expel, over: over.signal });
  await Promise.race([conversation.catch(() => undefined), ended]);
  end();
  stopWatching();
  await rememberEnding(session, expelledFor ?? plainEnding);
  return expelledFor === null ? 'ended' : 'expelled';
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function welcome({ config, clientId }: Session, ports: PortRange[]): ServerMessage {
  return {
    type: 'welcome',
    protocol: registrarProtocolVersion,
    clientId,
    ports,
    heartbeatSeconds,
    applianceVersion: config.applianceVersion,
    ...memberAddress(config.listenAddress, ports),
    reconnectSpreadSeconds: reconnectSpreadSeconds(countActiveTenants(config.stateFolder)),
  };
}

/** Told only to a tenant that sshd lets listen there. */
function memberAddress(
  listenAddress: string | undefined,
  ports: readonly PortRange[],
): { listenAddress?: string } {
  return listenAddress !== undefined && mayListenForMembers(countPorts(ports), listenAddress)
    ? { listenAddress }
    : {};
}

async function rememberEnding(session: Session, reason: string): Promise<void> {
  const { config, clientId, peer } = session;
  const { stateFolder, runFolder } = config;
  const endedAt = new Date(session.now()).toISOString();
  const ending = { endedAt, peerAddress: peer?.address ?? null, peerPort: peer?.port ?? null, reason };
  try {
    if (findTenantById({ stateFolder, clientId }) !== null) await saveEnding({ runFolder, clientId, ending });
  } catch {
    // What can't be remembered must end all the same.
  }
}

/** Resolves when the client's input, or its right to be heard, is over. */
async function converse(conversation: {
  session: Session;
  allotment: { ports: PortRange[] };
  send: (message: ServerMessage) => Promise<void>;
  expel: (reason: string) => void;
  over: AbortSignal;
}): Promise<void> {
  const { session, allotment, send, expel, over } = conversation;
  const { runFolder } = session.config;
  const { clientId } = session;
  let refusals = 0;
  const refuse = async (code: RefusalCode, message: string): Promise<void> => {
    refusals += 1;
    await send({ type: 'refused', code, message });
    if (refusals >= maxRefusals) expel('ended: it kept sending what the registrar refuses');
  };
  let state = session.resumed ?? { connectVersion: null, lastHeartbeatAt: null };
  let nextAnnouncement = Number.NEGATIVE_INFINITY;
  let lastStored = Number.NEGATIVE_INFINITY;

  const announce = async (message: ClientMessage & { type: 'announce' }, bytes: number): Promise<void> => {
    const { forwards, unplaced = [] } = message;
    const foreign = forwards.find((forward) => !hasPort(allotment.ports, forward.port));
    if (foreign !== undefined)
      return refuse('PORT_NOT_ALLOTTED', `port ${foreign.port} is not allotted to ${clientId}`);
    if (new Set(forwards.map((forward) => forward.port)).size < forwards.length)
      return refuse('PORT_TWICE', 'a port is announced twice');
    const wait = nextAnnouncement - performance.now();
    if (wait > 0) await delay(wait, undefined, { signal: over });
    nextAnnouncement = performance.now() + Math.max(announcementGapMs, bytes / announcedBytesPerMs);
    const announcedAt = new Date(session.now()).toISOString();
    const kept = limitAnnouncement({ forwards, unplaced }, countPorts(allotment.ports));
    await saveAnnouncement({ runFolder, clientId, announcement: { announcedAt, ...kept } });
    session.onAnnounced?.(kept.forwards);
    return send({ type: 'accepted' });
  };
  const handle = async (message: ClientMessage, bytes: number): Promise<void> => {
    const isFirst = state.connectVersion === null;
    if (message.type !== 'hello' && isFirst) return refuse('HELLO_FIRST', 'say hello before anything else');
    if (isFirst || performance.now() - lastStored >= heartbeatGapMs) {
      lastStored = performance.now();
      state = {
        connectVersion: message.type === 'hello' && isFirst ? message.connectVersion : state.connectVersion,
        lastHeartbeatAt: new Date(session.now()).toISOString(),
      };
      await session.onState(state);
    }
    if (message.type === 'announce') await announce(message, bytes);
  };
  const handleLine = async (line: string | null): Promise<void> => {
    if (line === null) return refuse('LINE_TOO_LONG', `a line is longer than ${longestAnnouncement} bytes`);
    const parsed = clientMessageSchema.safeParse(parseJson(line));
    if (line.length > longestLine && parsed.data?.type !== 'announce')
      return refuse('LINE_TOO_LONG', `a line is longer than ${longestLine} bytes`);
    return parsed.success
      ? handle(parsed.data, line.length)
      : refuse('MALFORMED', 'not a message of this protocol');
  };

  const pace = createPace(over);
  for await (const line of readLines(session, expel)) {
    await pace();
    // A disk that is full is no fault of the client's: it is told, and its tunnels stay.
    await handleLine(line).catch(() =>
      send({ type: 'refused', code: 'NOT_STORED', message: 'the appliance could not keep it' }),
    );
    if (over.aborted) return;
  }
  // Input that merely ends: plain `ssh -R` may come without any, and keeps its forwards.
  if (state.connectVersion === null) await whenAborted(over);
}

/** The lines of the input, null for one that is too long. Ends with a client that sends no line ends. */
async function* readLines(session: Session, expel: (reason: string) => void): AsyncGenerator<string | null> {
  const cut = createLineCutter(longestAnnouncement);
  let unbroken = 0;
  // The same stream may carry the answers, so it is not destroyed with the reading.
  for await (const chunk of session.input.iterator({ destroyOnReturn: false })) {
    const bytes = Buffer.from(chunk);
    const newline = bytes.lastIndexOf(0x0a);
    unbroken = newline === -1 ? unbroken + bytes.length : bytes.length - newline - 1;
    session.onHeld?.(Math.min(unbroken, longestAnnouncement));
    yield* cut(bytes);
    if (unbroken <= maxUnbrokenBytes) continue;
    expel(`ended: it sent ${maxUnbrokenBytes} bytes without the end of a line`);
    return;
  }
}

/** Waits before a message that comes sooner than it may. */
function createPace(signal: AbortSignal): () => Promise<void> {
  let second = performance.now();
  let messages = 0;
  return async () => {
    const now = performance.now();
    if (now - second >= 1000) {
      second = now;
      messages = 0;
    }
    messages += 1;
    if (messages <= maxMessagesPerSecond) return;
    await delay(1000 - (now - second), undefined, { signal });
  };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
