import type { Socket } from 'node:net';
import type { ApplianceConfig } from '../core/config.ts';
import type { ProcessStat } from '../core/procfs.ts';
import type { Request } from './gate.ts';
import type { LogIns } from './logIns.ts';
import type { AnnouncedForward } from '../core/registrarProtocol.ts';
import type { ServiceLog } from './syslog.ts';
import { loadLogIn, type LogInRecord } from '../core/logInRecords.ts';
import { isRunning, readStat } from '../core/procfs.ts';
import { serveRegistrar } from '../core/registrar.ts';
import { loadAnnouncement } from '../core/sessionRecords.ts';
import { loadRegistrarRecord, saveRegistrarRecord } from '../core/registrarRecords.ts';
import { createNotices } from './notices.ts';
import { verifyPeer } from './peer.ts';
import { createTicket, hashTicket, isTicket } from './ticket.ts';

/** A Connect that missed a heartbeat gives way to one that comes back **[ours]**. */
const silentAfterMs = 8_000;
/** Of all sessions together: lines that are not complete yet **[ours]**. */
const maxHeldBytes = 64 * 1024 * 1024;

type Channel = {
  clientId: string;
  session: ProcessStat;
  heldBytes: number;
  /** What its Connect announced; null until it has. */
  announced: readonly AnnouncedForward[] | null;
  /** Null until a Connect said hello: plain OpenSSH is not expected to be heard of. */
  heardAt: number | null;
  expulsion: AbortController;
  gone: AbortController;
};

function readPeer(words: readonly string[]): { address: string; port: number } | null {
  const [address, port] = words;
  return address === undefined || address === '' ? null : { address, port: Number(port) || 0 };
}

/** Serves the tenants' session channels, each over a socket of its own. */
export function createChannels(options: {
  config: ApplianceConfig;
  maxSessions: number;
  logIns: LogIns;
  log: ServiceLog;
  now: () => number;
}) {
  const { config, maxSessions, logIns, log } = options;
  const { runFolder } = config;
  const channels = new Set<Channel>();
  const notices = createNotices(log);
  const ofTenant = (clientId: string) => [...channels].filter((one) => one.clientId === clientId);

  const expelSilent = (clientId: string): boolean => {
    const limit = performance.now() - silentAfterMs;
    const [oldest] = ofTenant(clientId)
      .filter((one) => one.heardAt !== null && one.heardAt < limit && !one.expulsion.signal.aborted)
      .toSorted((a, b) => (a.heardAt ?? 0) - (b.heardAt ?? 0));
    oldest?.expulsion.abort('ended: it was silent, and a newer session took its place');
    return oldest !== undefined;
  };

  const limitMemory = () => {
    const held = [...channels].reduce((sum, one) => sum + one.heldBytes, 0);
    if (held <= maxHeldBytes) return;
    const [largest] = [...channels].toSorted((a, b) => b.heldBytes - a.heldBytes);
    largest?.expulsion.abort('ended: the lines that it did not complete took too much memory');
  };

  /** The log-in that this very client may speak for; a text says why there is none. */
  const admit = async (request: Request): Promise<{ record: LogInRecord; session: ProcessStat } | string> => {
    const [verb, pid, ticket = ''] = request.words;
    const peer = verb === 'session' ? await verifyPeer({ pid: Number(pid), nonce: request.nonce }) : null;
    if (peer === null) return 'it was not started by sshd';
    const session = peer.parent;
    const monitor = await readStat(session.parent);
    const record = monitor === null ? null : loadLogIn(runFolder, monitor);
    if (record === null) return `nothing is known of the log-in of sshd ${session.pid}`;
    if (!isTicket(ticket, record.ticketHash)) return `its ticket is not the one of sshd ${session.pid}`;
    const { pid: known, startTicks } = record.session ?? session;
    if (known !== session.pid || startTicks !== session.startTicks)
      return `its ticket belongs to sshd ${known}, not to ${session.pid}`;
    return { record, session };
  };

  const serve = async (
    socket: Socket,
    logIn: { record: LogInRecord; session: ProcessStat; peer: ReturnType<typeof readPeer> },
  ): Promise<void> => {
    const { record, session, peer } = logIn;
    const { clientId, fingerprint } = record;
    const sessionId = { pid: session.pid, startTicks: session.startTicks };
    const channel: Channel = {
      clientId,
      session,
      heldBytes: 0,
      announced: null,
      heardAt: null,
      expulsion: new AbortController(),
      gone: new AbortController(),
    };
    channels.add(channel);
    socket.once('close', () => channel.gone.abort());
    const known = record.session === null ? null : loadRegistrarRecord(runFolder, sessionId);
    if (known?.connectVersion != null) {
      channel.heardAt = performance.now();
      channel.announced = (await loadAnnouncement({ runFolder, clientId }))?.forwards ?? null;
    }
    const outcome = await serveRegistrar({
      config,
      clientId,
      fingerprint,
      peer,
      input: socket,
      output: socket,
      onState: async (state) => {
        channel.heardAt = performance.now();
        saveRegistrarRecord(runFolder, {
          sessionPid: session.pid,
          sessionStartTicks: session.startTicks,
          ...state,
        });
      },
      onAnnounced: (forwards) => {
        channel.announced = forwards;
      },
      onHeld: (bytes) => {
        channel.heldBytes = bytes;
        limitMemory();
      },
      signal: channel.gone.signal,
      expulsion: channel.expulsion.signal,
      ...(known === null
        ? {}
        : { resumed: { connectVersion: known.connectVersion, lastHeartbeatAt: known.lastHeartbeatAt } }),
      now: options.now,
    }).finally(() => channels.delete(channel));
    if (socket.writable) socket.end(outcome === 'expelled' ? 'expel\n' : 'end\n');
    // Nothing is read any more, and what is not read would keep the socket.
    socket.resume();
  };

  return {
    expelSilent,
    /** Where a tenant's ports lead, as its live Connect announced it; `isExpected` while one has yet to announce. */
    destinations: (clientId: string): { announced: Map<number, string>; isExpected: boolean } => {
      const own = ofTenant(clientId);
      const announced = own.flatMap((one) => one.announced ?? []);
      return {
        announced: new Map(
          announced.map(({ port, uri, group, repository }) => [port, `${uri} (${group}/${repository})`]),
        ),
        isExpected: own.some((one) => one.announced === null),
      };
    },
    answer: async (request: Request): Promise<void> => {
      const { socket } = request;
      const admitted = await admit(request);
      if (typeof admitted === 'string') {
        notices.say('refused', 'warning', `a session channel was refused: ${admitted}`);
        socket.end('refused\n');
        return;
      }
      const { record, session } = admitted;
      const { clientId } = record;
      if (ofTenant(clientId).length >= maxSessions && !expelSilent(clientId)) {
        notices.say(
          clientId,
          'warning',
          `tenant ${clientId}: session ended: ${maxSessions} are open already`,
        );
        socket.end('expel\n');
        return;
      }
      const ticket = createTicket();
      // In this order: a client that has the new ticket still has the old one if we end here.
      socket.write(`ticket ${ticket}\n`);
      const { pid, startTicks } = session;
      logIns.save({ ...record, ticketHash: hashTicket(ticket), session: { pid, startTicks } }, 0);
      await serve(socket, { record, session, peer: readPeer(request.words.slice(3)) });
    },
    /** Ends channels whose sshd is gone: the end of their input says only that nothing more comes. */
    sweep: async (): Promise<void> => {
      for (const channel of channels) if (!(await isRunning(channel.session))) channel.gone.abort();
    },
  };
}
export type Channels = ReturnType<typeof createChannels>;
