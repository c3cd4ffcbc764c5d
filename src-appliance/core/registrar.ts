import type { Readable, Writable } from 'node:stream';
import { statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { countPorts, hasPort, type PortRange } from '../../src-shared/model/ports.ts';
import {
  countActiveTenants,
  findDeadline,
  findTenantById,
  mayListenForMembers,
  tenantsPath,
} from './authorization.ts';
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
  type ClientMessage,
  type RefusalCode,
  type ServerMessage,
} from './registrarProtocol.ts';
import { isExpired, readMoment } from './moment.ts';
import { plainEnding, saveAnnouncement, saveEnding } from './sessionRecords.ts';

/** What the registrar knows of its client. Both are null for plain OpenSSH, which says nothing. */
export type RegistrarState = { connectVersion: string | null; lastHeartbeatAt: string | null };

/** After so many refusals a client is not worth listening to **[ours]**. */
const mostRefusals = 8;
/** Each announcement and heartbeat that is kept costs the disk: a client may not have it written more often **[ours]**. */
const announcementGapMs = 200;
const heartbeatGapMs = 1_000;
/** Polled, not watched: a watch is one of 128 that a user may have, and there may be more sessions than that. */
const allotmentCheckMs = 500;

/** Changes with every replacement of the file; null where there is none or it cannot be read. */
function stateVersion(stateFolder: string): string | null {
  try {
    const { ino, mtimeMs } = statSync(tenantsPath(stateFolder));
    return `${ino}:${mtimeMs}`;
  } catch {
    return null;
  }
}

/**
 * Speaks with one tenant over its session channel until that ends, and resolves then. The end of input ends it only
 * once a Connect said hello: plain `ssh -R` may come without input and must keep its forwards. `signal` is the
 * connection's end. The caller has proven who `clientId` is, and ends the connection of one that is `expelled`: that was
 * refused too often, or whose key's time is over.
 * Input is read no faster than it is taken in and answered, so that a flood stays with its sender.
 */
export async function serveRegistrar(session: {
  config: Pick<ApplianceConfig, 'stateFolder' | 'runFolder' | 'applianceVersion' | 'listenAddress'>;
  clientId: string;
  /** Of the key that it logged in with: the session ends with that key's time. */
  fingerprint: string;
  peer: { address: string; port: number } | null;
  input: Readable;
  output: Writable;
  onState: (state: RegistrarState) => Promise<void>;
  signal: AbortSignal;
  now: () => number;
}): Promise<'ended' | 'expelled'> {
  const { config, clientId, fingerprint, input, output } = session;
  const { stateFolder, runFolder } = config;
  const instant = () => new Date(session.now()).toISOString();
  const over = new AbortController();
  const ended = new Promise<void>((resolve) => {
    over.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const end = () => over.abort();
  output.once('error', end);
  output.once('close', end);
  if (session.signal.aborted) end();
  else session.signal.addEventListener('abort', end, { once: true });

  const send = async (message: ServerMessage): Promise<void> => {
    if (output.write(encodeMessage(message)) || !output.writable) return;
    await Promise.race([new Promise((resolve) => output.once('drain', resolve)), ended]);
  };
  let refusals = 0;
  const refuse = (code: RefusalCode, message: string) => {
    refusals += 1;
    return send({ type: 'refused', code, message });
  };

  let state: RegistrarState = { connectVersion: null, lastHeartbeatAt: null };
  const tenant = findTenantById({ stateFolder, clientId });
  if (tenant === null || tenant.suspended) {
    await refuse('NOT_AUTHORIZED', `${clientId} has no access`);
    return 'ended';
  }
  let ports = tenant.ports;
  let lastAnnounced = Number.NEGATIVE_INFINITY;
  let lastStored = Number.NEGATIVE_INFINITY;

  const announce = async ({ forwards, unplaced = [] }: ClientMessage & { type: 'announce' }) => {
    const foreign = forwards.find((forward) => !hasPort(ports, forward.port));
    if (foreign !== undefined)
      return refuse('PORT_NOT_ALLOTTED', `port ${foreign.port} is not allotted to ${clientId}`);
    if (new Set(forwards.map((forward) => forward.port)).size < forwards.length)
      return refuse('PORT_TWICE', 'a port is announced twice');
    const wait = lastAnnounced + announcementGapMs - performance.now();
    if (wait > 0) await delay(wait, undefined, { signal: over.signal });
    lastAnnounced = performance.now();
    const announcement = { announcedAt: instant(), forwards, unplaced };
    await saveAnnouncement({ runFolder, clientId, announcement });
    return send({ type: 'accepted' });
  };

  const handle = async (message: ClientMessage) => {
    if (message.type !== 'hello' && state.connectVersion === null)
      return refuse('HELLO_FIRST', 'say hello before anything else');
    const isFirst = state.connectVersion === null;
    if (isFirst || performance.now() - lastStored >= heartbeatGapMs) {
      const connectVersion =
        message.type === 'hello' && isFirst ? message.connectVersion : state.connectVersion;
      lastStored = performance.now();
      state = { connectVersion, lastHeartbeatAt: instant() };
      await session.onState(state);
    }
    return message.type === 'announce' ? announce(message) : undefined;
  };

  const takeIn = async (line: string | null) => {
    if (line === null) return refuse('LINE_TOO_LONG', `a line is longer than ${longestAnnouncement} bytes`);
    const parsed = clientMessageSchema.safeParse(parseJson(line));
    if (line.length > longestLine && parsed.data?.type !== 'announce')
      return refuse('LINE_TOO_LONG', `a line is longer than ${longestLine} bytes`);
    return parsed.success ? handle(parsed.data) : refuse('MALFORMED', 'not a message of this protocol');
  };

  let version = stateVersion(stateFolder);
  const tellAllotment = () => {
    const current = stateVersion(stateFolder);
    if (current === null || current === version) return;
    let found: ReturnType<typeof findTenantById>;
    try {
      found = findTenantById({ stateFolder, clientId });
    } catch {
      // Not readable now: the next look tries again.
      return;
    }
    version = current;
    if (found === null || JSON.stringify(found.ports) === JSON.stringify(ports)) return;
    ports = found.ports;
    void send({ type: 'ports', ports });
  };

  let isOver = false;
  let deadline = findDeadline({ stateFolder, clientId, fingerprint });
  let deadlineOf = version;
  const endWithKey = () => {
    try {
      const current = stateVersion(stateFolder);
      if (current !== deadlineOf) deadline = findDeadline({ stateFolder, clientId, fingerprint });
      deadlineOf = current;
      if (deadline?.expiresAt == null || !isExpired(deadline, readMoment(stateFolder, session.now()))) return;
    } catch {
      // Not readable now: the next look tries again.
      return;
    }
    isOver = true;
    end();
  };
  const timer = setInterval(() => {
    endWithKey();
    tellAllotment();
  }, allotmentCheckMs);

  const converse = async () => {
    const cut = createLineCutter(longestAnnouncement);
    for await (const chunk of input) {
      for (const line of cut(Buffer.from(chunk))) {
        // A disk that is full is no fault of the client's: it is told, and its tunnels stay.
        await takeIn(line).catch(() =>
          send({ type: 'refused', code: 'NOT_STORED', message: 'the appliance could not keep it' }),
        );
        if (refusals >= mostRefusals || over.signal.aborted) return;
      }
    }
    // Input that merely ends: plain `ssh -R` may come without any, and keeps its forwards.
    if (state.connectVersion === null) await ended;
  };

  await send({
    type: 'welcome',
    protocol: registrarProtocolVersion,
    clientId,
    ports,
    heartbeatSeconds,
    applianceVersion: config.applianceVersion,
    ...memberAddress(config.listenAddress, ports),
    reconnectSpreadSeconds: reconnectSpreadSeconds(countActiveTenants(stateFolder)),
  });
  // Input that breaks off ends the session as its end does.
  await Promise.race([converse().catch(() => undefined), ended]);
  end();
  clearInterval(timer);
  const isExpelled = isOver || refusals >= mostRefusals;
  const ending = {
    endedAt: instant(),
    peerAddress: session.peer?.address ?? null,
    peerPort: session.peer?.port ?? null,
    reason: isOver
      ? 'ended: the time of its replaced key was over'
      : isExpelled
        ? 'ended: it kept sending what the registrar refuses'
        : plainEnding,
  };
  try {
    if (findTenantById({ stateFolder, clientId }) !== null) await saveEnding({ runFolder, clientId, ending });
  } catch {
    // What can't be remembered must end all the same.
  }
  return isExpelled ? 'expelled' : 'ended';
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

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
