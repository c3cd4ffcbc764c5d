import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { countPorts, hasPort, type PortRange } from '../../../src-shared/model/tenants/ports.ts';
import { limitAnnouncement } from './announcementLimits.ts';
import {
  clientMessageSchema,
  maxAnnouncement,
  maxLine,
  type AnnouncedForward,
  type ClientMessage,
  type RefusalCode,
  type ServerMessage,
} from './registrarProtocol.ts';
import { saveAnnouncement, type SessionProcess } from './announcements.ts';
import { saveDialFailures } from './dialFailures.ts';
import { updatePortMemory } from './portMemory.ts';
import { findTenantById } from '../tenants/authorization.ts';
import { createGroupKeys } from '../tenants/groupKeys.ts';
import { dialFailureSchema } from '../../../src-shared/model/tunnels/dialFailures.ts';
import { createMessageSplitter } from '../../../src-shared/node/lineSplitter.ts';
import { secondMs } from '../../../src-shared/base/time.ts';

/** What the registrar knows about its client. Plain OpenSSH sends nothing, so both are null. */
export type RegistrarState = { connectVersion: string | null; lastHeartbeatAt: string | null };

/** A client is expelled after this many refused messages **[ours]**. */
const maxRefusals = 8;
/** A client is expelled if it sends this many bytes without a line end **[ours]**. */
const maxUnbrokenBytes = 4 * maxAnnouncement;
/**
 * Minimum time between two stored announcements of a client, because storing costs time **[ours]**. Likewise
 * for heartbeats.
 */
const announcementGapMs = 200;
const heartbeatGapMs = secondMs;
/** Connect sends half as many messages about failed connections per second. Further ones are dropped **[ours]**. */
const maxFailureMessagesPerSecond = 8;
/**
 * A large announcement costs more time: wait 1 ms per this many bytes before storing the next one **[ours]**.
 */
const announcedBytesPerMs = 100;
/** Maximum rate for each session, because all sessions share one process **[ours]**. */
const maxMessagesPerSecond = 200;

type Conversation = {
  session: {
    config: { stateFolder: string; runFolder: string };
    clientId: string;
    /** The process that stands for this session in the records. */
    process: SessionProcess;
    /** Whether another session of the tenant is still connected. */
    isLive: (session: SessionProcess) => Promise<boolean>;
    input: Readable;
    onState: (state: RegistrarState) => Promise<void>;
    onAnnounced?: (forwards: readonly AnnouncedForward[]) => void;
    onForgetful?: () => void;
    onGroupKeysFailed?: (error: unknown) => void;
    onHeld?: (bytes: number) => void;
    resumed?: RegistrarState;
    now: () => number;
  };
  /** The tenant's present ports. */
  allotment: { ports: PortRange[] };
  send: (message: ServerMessage) => Promise<void>;
  expel: (reason: string) => void;
  over: AbortSignal;
};
type Refuse = (code: RefusalCode, message: string) => Promise<void>;

/** Stores announcements. Waits between two of them, longer after a large one. */
function createAnnouncer({ session, allotment, send, over }: Conversation, refuse: Refuse) {
  const { clientId, isLive } = session;
  let next = Number.NEGATIVE_INFINITY;
  return async (message: ClientMessage & { type: 'announce' }, bytes: number): Promise<void> => {
    const { forwards, unplaced = [] } = message;
    const foreign = forwards.find((forward) => !hasPort(allotment.ports, forward.port));
    if (foreign !== undefined)
      return refuse('PORT_NOT_ALLOTTED', `port ${foreign.port} is not allotted to ${clientId}`);
    if (new Set(forwards.map((forward) => forward.port)).size < forwards.length)
      return refuse('PORT_TWICE', 'a port is announced twice');
    const wait = next - performance.now();
    if (wait > 0) await delay(wait, undefined, { signal: over });
    next = performance.now() + Math.max(announcementGapMs, bytes / announcedBytesPerMs);
    const announcedAt = new Date(session.now()).toISOString();
    const kept = limitAnnouncement({ forwards, unplaced }, countPorts(allotment.ports));
    const { runFolder, stateFolder } = session.config;
    const announcement = { session: session.process, announcedAt, ...kept };
    const others = await saveAnnouncement({ runFolder, clientId, announcement, isLive });
    try {
      updatePortMemory({ stateFolder, clientId, forwards, others: others.flatMap((one) => one.forwards) });
    } catch {
      // The tunnels work without it. Only a later restart of Connect may move ports.
      session.onForgetful?.();
    }
    try {
      const groups = [...forwards, ...unplaced].map(({ group }) => group);
      // A session may outlive its tenant by a moment.
      if (findTenantById({ stateFolder, clientId }) !== null)
        createGroupKeys({ stateFolder, clientId, groups, now: session.now() });
    } catch (error) {
      session.onGroupKeysFailed?.(error);
    }
    session.onAnnounced?.(kept.forwards);
    return send({ type: 'accepted' });
  };
}

/**
 * Stores reports about failed connections. Ignores ports that the tenant has lost, and a full disk, because
 * the next report may be stored. Never waits: heartbeats come behind the reports, and the age that a report
 * states counts from its arrival.
 */
function createFailureStore({ session, allotment }: Conversation) {
  const { clientId, isLive, process: own, config } = session;
  const countInSecond = createSecondCounter();
  return async (message: ClientMessage & { type: 'dial-failures' }): Promise<void> => {
    if (countInSecond().count > maxFailureMessagesPerSecond) return;
    const now = session.now();
    const failures = message.failures
      .filter(({ port }) => hasPort(allotment.ports, port))
      .map(({ port, agoMs, reason, message: text }) => ({
        port,
        ...dialFailureSchema.parse({ at: new Date(now - agoMs).toISOString(), reason, message: text }),
      }));
    if (failures.length === 0) return;
    const { runFolder } = config;
    await saveDialFailures({ runFolder, clientId, session: own, failures, isLive }).catch(() => undefined);
  };
}

/** Handles the client's lines. Pass them one at a time. */
function createHandler(conversation: Conversation) {
  const { session, send, expel } = conversation;
  let refusals = 0;
  const refuse: Refuse = async (code, message) => {
    refusals += 1;
    await send({ type: 'refused', code, message });
    if (refusals >= maxRefusals) expel('ended: it kept sending messages that the registrar refuses');
  };
  const announce = createAnnouncer(conversation, refuse);
  const storeFailures = createFailureStore(conversation);
  let state = session.resumed ?? { connectVersion: null, lastHeartbeatAt: null };
  let lastStored = Number.NEGATIVE_INFINITY;
  const handle = async (message: ClientMessage, bytes: number): Promise<void> => {
    const isFirst = state.connectVersion === null;
    if (message.type !== 'hello' && isFirst) return refuse('HELLO_FIRST', 'the first message must be hello');
    // A report doesn't show that the client is alive: it may have waited on the way.
    const isSign = message.type !== 'dial-failures';
    if (isFirst || (isSign && performance.now() - lastStored >= heartbeatGapMs)) {
      lastStored = performance.now();
      state = {
        connectVersion: message.type === 'hello' && isFirst ? message.connectVersion : state.connectVersion,
        lastHeartbeatAt: new Date(session.now()).toISOString(),
      };
      await session.onState(state);
    }
    if (message.type === 'announce') await announce(message, bytes);
    if (message.type === 'dial-failures') await storeFailures(message);
  };
  return {
    saidHello: () => state.connectVersion !== null,
    handleLine: async (line: string | null): Promise<void> => {
      if (line === null) return refuse('LINE_TOO_LONG', `a line is longer than ${maxAnnouncement} bytes`);
      const parsed = clientMessageSchema.safeParse(parseJson(line));
      if (line.length > maxLine && parsed.data?.type !== 'announce')
        return refuse('LINE_TOO_LONG', `a line is longer than ${maxLine} bytes`);
      return parsed.success
        ? handle(parsed.data, line.length)
        : refuse('MALFORMED', 'not a message of this protocol');
    },
  };
}

/** Resolves when the client's input ends or the session is over. */
export async function runConversation(conversation: Conversation): Promise<void> {
  const { session, send, expel, over } = conversation;
  const handler = createHandler(conversation);
  const pace = createPace(over);
  for await (const line of readLines(session, expel)) {
    await pace();
    // Only refuse the message and keep the tunnels, because a full disk is not the client's fault.
    await handler
      .handleLine(line)
      .catch(() =>
        send({ type: 'refused', code: 'NOT_STORED', message: 'the appliance could not store the message' }),
      );
    if (over.aborted) return;
  }
  // The input has ended, but plain `ssh -R` may send none and must keep its forwards. So wait for the end of
  // the session.
  if (!handler.saidHello() && !over.aborted)
    await new Promise((resolve) => over.addEventListener('abort', resolve, { once: true }));
}

/**
 * Yields the lines of the input, and null for a line that is too long. Expels a client that never sends a
 * line end.
 */
async function* readLines(
  session: Conversation['session'],
  expel: (reason: string) => void,
): AsyncGenerator<string | null> {
  const split = createMessageSplitter(maxAnnouncement);
  let unbroken = 0;
  // Don't destroy the stream when reading ends, because the replies may use the same stream.
  for await (const chunk of session.input.iterator({ destroyOnReturn: false })) {
    const bytes = Buffer.from(chunk);
    const newline = bytes.lastIndexOf(0x0a);
    unbroken = newline === -1 ? unbroken + bytes.length : bytes.length - newline - 1;
    session.onHeld?.(Math.min(unbroken, maxAnnouncement));
    yield* split(bytes);
    if (unbroken <= maxUnbrokenBytes) continue;
    expel(`ended: it sent ${maxUnbrokenBytes} bytes without a line end`);
    return;
  }
}

/** Counts its calls in each second. `restMs`: time until the count begins again. */
function createSecondCounter() {
  let begin = performance.now();
  let count = 0;
  return () => {
    const now = performance.now();
    if (now - begin >= secondMs) {
      begin = now;
      count = 0;
    }
    count += 1;
    return { count, restMs: secondMs - (now - begin) };
  };
}

/** Delays a message if the client sends too many per second. */
function createPace(signal: AbortSignal): () => Promise<void> {
  const countInSecond = createSecondCounter();
  return async () => {
    const { count, restMs } = countInSecond();
    if (count > maxMessagesPerSecond) await delay(restMs, undefined, { signal });
  };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
