import { setTimeout as delay } from 'node:timers/promises';
import type { ApplianceConfig } from '../core/config.ts';
import type { ProcessStat } from '../core/procfs.ts';
import type { Channels } from './channels.ts';
import type { Request } from './gate.ts';
import type { LogIns } from './logIns.ts';
import type { ServiceLog } from './syslog.ts';
import { authorizedKeysLine, findTenantByKey, type Authorization } from '../core/authorization.ts';
import { readUser } from '../core/procfs.ts';
import { createNotices } from './notices.ts';
import { verifyPeer } from './peer.ts';
import { channelSocketPath } from './sockets.ts';
import { createTicket, hashTicket } from './ticket.ts';

/** Live sessions of one tenant **[ours]**. One is usual; a second is there while a first is not known to be dead yet. */
export const maxSessions = 4;
/** sshd asks twice for each key that it is offered, and takes six keys a connection at the most **[ours]**. */
const maxLookUps = 12;
/** Connections that offered one tenant's key and have not proven it: a public key is no secret **[ours]**. */
const maxPending = 24;

const maxWaitMs = 4_000;
const countAgainMs = 100;

/** Answers sshd's question whether an offered key may log in, and with which permissions. */
export function createLookUps(options: {
  config: ApplianceConfig;
  clientProgram: string;
  logIns: LogIns;
  channels: Channels;
  log: ServiceLog;
  now: () => number;
}) {
  const { config, logIns, channels } = options;
  const { stateFolder } = config;
  const notices = createNotices(options.log);

  /** The permission that holds now; null refuses. */
  const authorize = (keyBlob: string): Authorization | null => {
    const found = findTenantByKey({ stateFolder, keyBlob });
    return found === null || found.suspended ? null : found;
  };

  const save = (authorization: Authorization, monitor: ProcessStat): string => {
    const ticket = createTicket();
    const record = {
      monitorPid: monitor.pid,
      monitorStartTicks: monitor.startTicks,
      clientId: authorization.clientId,
      fingerprint: authorization.fingerprint,
      ports: authorization.ports,
      at: new Date(options.now()).toISOString(),
      ticketHash: hashTicket(ticket),
      session: null,
    };
    logIns.save(record, logIns.lookUps(monitor) + 1);
    return ticket;
  };

  /**
   * Waits a little for log-ins under way that may take the last places, so that many at once become no more sessions than
   * are allowed. Only a little: a client that offers a key without having it must not keep its owner out.
   */
  const admit = async (
    authorization: Authorization,
    monitor: ProcessStat,
  ): Promise<{ ticket: string } | { refusal: string }> => {
    const { clientId } = authorization;
    if (logIns.lookUps(monitor) >= maxLookUps)
      return { refusal: `one connection offered its key ${maxLookUps} times` };
    const limit = performance.now() + maxWaitMs;
    for (;;) {
      const saves = logIns.saves(clientId);
      const { live, pending, underWay } = await logIns.count(clientId, monitor.pid);
      if (pending >= maxPending)
        return { refusal: `${pending} other connections offer its key and do not prove it` };
      if (live >= maxSessions && !channels.expelSilent(clientId))
        return { refusal: `it has ${live} live sessions, and ${maxSessions} are allowed` };
      const isRoom = live >= maxSessions || live + underWay < maxSessions || performance.now() > limit;
      if (isRoom && logIns.saves(clientId) === saves) return { ticket: save(authorization, monitor) };
      if (!isRoom) await delay(countAgainMs);
    }
  };

  const permit = async (keyBlob: string, monitor: ProcessStat): Promise<string | null> => {
    let authorization = authorize(keyBlob);
    if (authorization === null) return null;
    const { clientId } = authorization;
    const admitted = await admit(authorization, monitor);
    if ('refusal' in admitted) {
      notices.say(clientId, 'warning', `tenant ${clientId}: log-in refused: ${admitted.refusal}`);
      return null;
    }
    let { ticket } = admitted;
    for (;;) {
      // A change between look-up and record would miss this log-in when it ends sessions. Once the record is there,
      // either the change sees it, or this second look sees the change.
      const again = authorize(keyBlob);
      if (again === null) return null;
      if (JSON.stringify(again) === JSON.stringify(authorization)) break;
      authorization = again;
      ticket = save(authorization, monitor);
    }
    const command = `exec ${options.clientProgram} session ${channelSocketPath(config.runFolder)} ${ticket}`;
    return authorizedKeysLine({ authorization, command, listenAddress: config.listenAddress });
  };

  return {
    /** sshd's monitor of the connection is the parent of the command that it runs. */
    answer: async ({ words, nonce, socket }: Request): Promise<void> => {
      const [verb, pid, keyBlob] = words;
      const peer = verb === 'lookup' ? await verifyPeer({ pid: Number(pid), nonce }) : null;
      const isFromSshd = peer !== null && (await readUser(peer.parent.pid)) === 0;
      if (!isFromSshd || keyBlob === undefined) {
        socket.destroy();
        return;
      }
      const line = await permit(keyBlob, peer.parent);
      socket.end(line === null ? 'no\n' : `yes ${line}\n`);
    },
  };
}
