import { maxTenantSessions } from '../../src-shared/model/tenants/listLimits.ts';
import { setTimeout as delay } from 'node:timers/promises';
import type { ApplianceConfig } from '../core/config.ts';
import type { ProcessStat } from '../core/procfs/procfs.ts';
import type { Channels } from './channels.ts';
import type { Request } from './gate.ts';
import type { LogIns } from './logIns.ts';
import type { ServiceLog } from './syslog.ts';
import { authorizedKeysLine, findTenantByKey, type Authorization } from '../core/tenants/authorization.ts';
import { readUser } from '../core/procfs/procfs.ts';
import { createNotices } from './notices.ts';
import { verifyPeer } from './peer.ts';
import { channelSocketPath } from './sockets.ts';
import { createTicket, hashTicket } from './ticket.ts';
import { secondMs } from '../../src-shared/base/time.ts';

/** sshd asks twice for each offered key and accepts at most six keys per connection **[ours]**. */
const maxLookUps = 12;
/**
 * If a tenant has more logins in progress than this, no login waits for them: they may be offers that are never proven
 * **[ours]**.
 */
const maxPending = 24;

const maxWaitMs = 4 * secondMs;
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

  /** The present permission; null refuses the key. */
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
   * Refuses only because of live sessions, which have proven their key. A login in progress may have only a public key,
   * so it refuses no other. It takes a place, and others wait briefly for it, so that many at once don't exceed the
   * allowed sessions. The limit is exact at the session channel.
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
      const { live, pending } = await logIns.count(clientId, monitor.pid);
      const taken = live - channels.countSilent(clientId);
      if (taken >= maxTenantSessions)
        return { refusal: `it has ${live} live sessions, and ${maxTenantSessions} are allowed` };
      const isUrgent = logIns.lookUps(monitor) > 0 || pending >= maxPending || performance.now() > limit;
      const hasRoom = taken + pending < maxTenantSessions && logIns.saves(clientId) === saves;
      if (isUrgent || hasRoom) return { ticket: save(authorization, monitor) };
      await delay(countAgainMs);
    }
  };

  const permit = async (keyBlob: string, monitor: ProcessStat): Promise<string | null> => {
    let authorization = authorize(keyBlob);
    if (authorization === null) return null;
    const { clientId } = authorization;
    const admitted = await admit(authorization, monitor).catch((error: unknown) => ({
      refusal: `its record could not be stored: ${error instanceof Error ? error.message : 'unknown'}`,
    }));
    if ('refusal' in admitted) {
      notices.say(clientId, 'warning', `tenant ${clientId}: login refused: ${admitted.refusal}`);
      return null;
    }
    let { ticket } = admitted;
    for (;;) {
      // A change between look-up and record would miss this login when it ends sessions. Once the record exists, either
      // the change or this second look-up sees the other.
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
    /** The parent of sshd's command is the connection's monitor process. */
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
