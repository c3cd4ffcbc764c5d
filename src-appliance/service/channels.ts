import type { Socket } from 'node:net';
import type { ApplianceConfig } from '../core/config.ts';
import type { ProcessStat } from '../core/procfs/procfs.ts';
import type { Request } from './gate.ts';
import type { Logins } from './logins.ts';
import type { ServiceLog } from './syslog.ts';
import { isRunning } from '../core/procfs/procfs.ts';
import { serveRegistrar } from '../core/sessions/registrar.ts';
import { silentAfterMs, type AnnouncedForward } from '../core/sessions/registrarProtocol.ts';
import { loadRegistrarRecord, saveRegistrarRecord } from '../core/sessions/registrarRecords.ts';
import { isOfSession, loadAnnouncements, type SessionProcess } from '../core/sessions/announcements.ts';
import { admitClient, type AdmittedClient } from './admission.ts';
import { createNotices } from './notices.ts';
import { secondMs } from '../../src-shared/base/time.ts';

/** How often the service looks for sessions that have ended. */
export const sweepMs = 5 * secondMs;
/** Maximum size of the incomplete lines of all sessions together **[ours]**. */
const maxHeldBytes = 64 * 1024 * 1024;

type Channel = {
  clientId: string;
  session: ProcessStat;
  heldBytes: number;
  /** What the client announced. Null before Connect's announcement. */
  announced: readonly AnnouncedForward[] | null;
  /**
   * When Connect last sent anything. Null until Connect says hello. Plain OpenSSH never does, so its silence
   * is not a fault.
   */
  heardAt: number | null;
  /** When its sshd process was last seen, in epoch milliseconds. */
  lastUpAt: number;
  expulsion: AbortController;
  gone: AbortController;
};

/** Without the facts of a process that change. */
function processOf({ pid, startTicks }: ProcessStat): SessionProcess {
  return { pid, startTicks };
}

function createChannel({ record, session }: AdmittedClient, now: number): Channel {
  return {
    clientId: record.clientId,
    session,
    heldBytes: 0,
    announced: null,
    heardAt: null,
    lastUpAt: now,
    expulsion: new AbortController(),
    gone: new AbortController(),
  };
}

/**
 * Restores what an earlier service process knew about this session. Null for a new session, and for plain
 * OpenSSH.
 */
async function restoreChannel(channel: Channel, { isBack, session }: AdmittedClient, runFolder: string) {
  const known = isBack ? loadRegistrarRecord(runFolder, session) : null;
  if (known === null || known.connectVersion === null) return null;
  channel.heardAt = performance.now();
  const announcements = loadAnnouncements({ runFolder, clientId: channel.clientId });
  channel.announced = announcements.find((one) => isOfSession(one, session))?.forwards ?? null;
  return { connectVersion: known.connectVersion, lastHeartbeatAt: known.lastHeartbeatAt };
}

/**
 * Serves a client until its session ends. Then tells the client whether the session ended or was expelled.
 */
async function serveChannel(
  channel: Channel,
  parts: {
    config: ApplianceConfig;
    socket: Socket;
    admitted: AdmittedClient;
    onHeld: () => void;
    onForgetful: () => void;
    onGroupKeysFailed: (error: unknown) => void;
    now: () => number;
  },
): Promise<void> {
  const { config, socket, admitted } = parts;
  const { runFolder } = config;
  const { record, session, peer } = admitted;
  socket.once('close', () => channel.gone.abort());
  const resumed = await restoreChannel(channel, admitted, runFolder);
  const outcome = await serveRegistrar({
    config,
    clientId: record.clientId,
    fingerprint: record.fingerprint,
    peer,
    process: processOf(session),
    isLive: isRunning,
    input: socket,
    output: socket,
    onState: async (state) => {
      channel.heardAt = performance.now();
      const { pid: sessionPid, startTicks: sessionStartTicks } = session;
      saveRegistrarRecord(runFolder, { sessionPid, sessionStartTicks, ...state });
    },
    onAnnounced: (forwards) => {
      channel.announced = forwards;
    },
    onForgetful: parts.onForgetful,
    onGroupKeysFailed: parts.onGroupKeysFailed,
    onHeld: (bytes) => {
      channel.heldBytes = bytes;
      parts.onHeld();
    },
    signal: channel.gone.signal,
    lastUpAt: () => channel.lastUpAt,
    expulsion: channel.expulsion.signal,
    ...(resumed === null ? {} : { resumed }),
    now: parts.now,
  });
  if (socket.writable) socket.end(outcome === 'expelled' ? 'expel\n' : 'end\n');
  // Read and discard further input, because unread data would keep the socket open.
  socket.resume();
}

/** Serves the tenants' session channels. Each has its own socket. */
export function createChannels(options: {
  config: ApplianceConfig;
  maxSessions: number;
  logins: Logins;
  log: ServiceLog;
  now: () => number;
}) {
  const { config, maxSessions, logins, now } = options;
  const { runFolder } = config;
  const channels = new Set<Channel>();
  const notices = createNotices(options.log);
  const ofTenant = (clientId: string) => [...channels].filter((one) => one.clientId === clientId);

  const isSilent = ({ heardAt }: Channel) => heardAt !== null && heardAt < performance.now() - silentAfterMs;
  const isExpelled = ({ expulsion }: Channel) => expulsion.signal.aborted;
  /** Ends channels whose sshd process has ended. The end of a channel's input is not enough to tell. */
  const endClosedChannels = async (some: Iterable<Channel>): Promise<void> => {
    for (const channel of some) {
      const lookedAt = now();
      if (await isRunning(channel.session)) channel.lastUpAt = lookedAt;
      else channel.gone.abort();
    }
  };

  /**
   * Expels the session that has been silent longest, to make room for a new session whose key is proven.
   * Returns false if no session is silent.
   */
  const expelSilent = (clientId: string): boolean => {
    const [oldest] = ofTenant(clientId)
      .filter((one) => isSilent(one) && !isExpelled(one))
      .toSorted((a, b) => (a.heardAt ?? 0) - (b.heardAt ?? 0));
    oldest?.expulsion.abort('ended: it was silent, and a newer session replaced it');
    return oldest !== undefined;
  };
  /**
   * Expels silent sessions of tenants that have too many sessions. Needed for new plain sessions, which have
   * no channel.
   */
  const expelSurplusSessions = async (): Promise<void> => {
    for (const clientId of new Set([...channels].filter(isSilent).map((one) => one.clientId)))
      if ((await logins.count(clientId)).live > maxSessions) expelSilent(clientId);
  };
  const limitMemory = () => {
    const held = [...channels].reduce((sum, one) => sum + one.heldBytes, 0);
    if (held <= maxHeldBytes) return;
    const [largest] = [...channels].toSorted((a, b) => b.heldBytes - a.heldBytes);
    largest?.expulsion.abort('ended: its incomplete lines used too much memory');
  };

  return {
    /** Number of sessions of a tenant that a new session may replace. */
    countSilent: (clientId: string): number =>
      ofTenant(clientId).filter((one) => isSilent(one) || isExpelled(one)).length,
    /**
     * Destinations of a tenant's ports as its Connects announced them. A port has several if sessions announced
     * different ones. `isExpected`: at least one announcement is still missing.
     */
    destinations: (clientId: string): { announced: Map<number, Set<string>>; isExpected: boolean } => {
      const own = ofTenant(clientId);
      const announced = new Map<number, Set<string>>();
      for (const { port, uri, group, repository } of own.flatMap((one) => one.announced ?? [])) {
        const known = announced.get(port) ?? new Set();
        announced.set(port, known.add(`${uri} (${group}/${repository})`));
      }
      return { announced, isExpected: own.some((one) => one.announced === null) };
    },
    answer: async (request: Request): Promise<void> => {
      const { socket } = request;
      const admitted = await admitClient(request, { runFolder, logins });
      if (typeof admitted === 'string') {
        notices.say('refused', 'warning', `a session channel was refused: ${admitted}`);
        socket.end('refused\n');
        return;
      }
      const { clientId } = admitted.record;
      await endClosedChannels(ofTenant(clientId));
      // No await after this line. Otherwise two sessions could take the last free place.
      const open = ofTenant(clientId).filter((one) => !isExpelled(one) && !one.gone.signal.aborted);
      if (open.length >= maxSessions && !expelSilent(clientId)) {
        const reason = `session ended: ${maxSessions} are open already`;
        notices.say(clientId, 'warning', `tenant ${clientId}: ${reason}`);
        socket.end('expel\n');
        return;
      }
      const channel = createChannel(admitted, now());
      channels.add(channel);
      const onForgetful = () =>
        notices.say('ports', 'warning', `tenant ${clientId}: the ports of its repositories were not stored`);
      const onGroupKeysFailed = (error: unknown) =>
        notices.say(
          'group-keys',
          'warning',
          `tenant ${clientId}: no key was created for a new group: ${error instanceof Error ? error.message : 'unknown error'}`,
        );
      const parts = { config, socket, admitted, onHeld: limitMemory, onForgetful, onGroupKeysFailed, now };
      await serveChannel(channel, parts).finally(() => channels.delete(channel));
    },
    sweep: async (): Promise<void> => {
      await endClosedChannels(channels);
      await expelSurplusSessions();
    },
  };
}
export type Channels = ReturnType<typeof createChannels>;
