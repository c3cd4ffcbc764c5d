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

  const findRefusal = async ({ clientId }: Authorization, monitor: ProcessStat): Promise<string | null> => {
    const { live, pending } = await logIns.count(clientId, monitor.pid);
    if (pending >= maxPending) return `${pending} other connections offer its key and do not prove it`;
    if (live < maxSessions || channels.expelSilent(clientId)) return null;
    return `it has ${live} live sessions, and ${maxSessions} are allowed`;
  };

  const note = (authorization: Authorization, monitor: ProcessStat): string => {
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

  const permit = async (keyBlob: string, monitor: ProcessStat): Promise<string | null> => {
    let authorization = authorize(keyBlob);
    if (authorization === null) return null;
    const { clientId } = authorization;
    const refusal =
      logIns.lookUps(monitor) >= maxLookUps
        ? `one connection offered its key ${maxLookUps} times`
        : await findRefusal(authorization, monitor);
    if (refusal !== null) {
      notices.say(clientId, 'warning', `tenant ${clientId}: log-in refused: ${refusal}`);
      return null;
    }
    while (authorization !== null) {
      const ticket = note(authorization, monitor);
      // A change between look-up and record would miss this log-in when it ends sessions. Once the record is there,
      // either the change sees it, or this second look sees the change.
      const again = authorize(keyBlob);
      if (JSON.stringify(again) === JSON.stringify(authorization)) {
        const command = `exec ${options.clientProgram} session ${channelSocketPath(config.runFolder)} ${ticket}`;
        return authorizedKeysLine({ authorization, command, listenAddress: config.listenAddress });
      }
      authorization = again;
    }
    return null;
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
