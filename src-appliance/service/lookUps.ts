import { maxTenantSessions } from '../../src-shared/model/tenants/listLimits.ts';
import { setTimeout as delay } from 'node:timers/promises';
import type { ApplianceConfig } from '../core/config.ts';
import type { ProcessStat } from '../core/procfs/procfs.ts';
import type { Channels } from './channels.ts';
import type { Request } from './gate.ts';
import type { Logins } from './logins.ts';
import type { ServiceLog } from './syslog.ts';
import { authorizedKeysLine, findTenantByKey, type Authorization } from '../core/tenants/authorization.ts';
import { readUser } from '../core/procfs/procfs.ts';
import { createNotices } from './notices.ts';
import { verifyPeer } from './peer.ts';
import { channelSocketPath } from './sockets.ts';
import { createTicket, hashTicket } from './ticket.ts';
import { secondMs } from '../../src-shared/base/time.ts';

/**
 * Maximum number of look-ups per connection: sshd looks up each offered key twice and accepts at most six
 * keys **[ours]**.
 */
const maxLookUps = 12;
/**
 * Maximum number of logins in progress of a tenant for which another login waits. If there are more, they may
 * be offers of public keys that are never proven **[ours]**.
 */
const maxPending = 24;

const maxWaitMs = 4 * secondMs;
const countAgainMs = 100;

/** Answers sshd's key look-ups: whether an offered key may log in, and with which permissions. */
export function createLookUps(options: {
  config: ApplianceConfig;
  clientProgram: string;
  logins: Logins;
  channels: Channels;
  log: ServiceLog;
  now: () => number;
}) {
  const { config, logins, channels } = options;
  const { stateFolder } = config;
  const notices = createNotices(options.log);

  /** The permission of a key in the present state. Null if the key is refused. */
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
    logins.save(record, logins.lookUps(monitor) + 1);
    return ticket;
  };

  /**
   * Refuses a login only if the tenant has too many live sessions, because only these have proven their key.
   * Logins in progress may have only the public key. They occupy a place, so a new login waits briefly for
   * them. The exact limit is enforced when the session channel opens.
   */
  const admit = async (
    authorization: Authorization,
    monitor: ProcessStat,
  ): Promise<{ ticket: string } | { refusal: string }> => {
    const { clientId } = authorization;
    if (logins.lookUps(monitor) >= maxLookUps)
      return { refusal: `one connection offered its key ${maxLookUps} times` };
    const limit = performance.now() + maxWaitMs;
    for (;;) {
      const saves = logins.saves(clientId);
      const { live, pending } = await logins.count(clientId, monitor.pid);
      const taken = live - channels.countSilent(clientId);
      if (taken >= maxTenantSessions)
        return { refusal: `it has ${live} live sessions, and ${maxTenantSessions} are allowed` };
      const isUrgent = logins.lookUps(monitor) > 0 || pending >= maxPending || performance.now() > limit;
      const hasRoom = taken + pending < maxTenantSessions && logins.saves(clientId) === saves;
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
      // Look up again after saving the record. A change that ran in between ended only sessions whose records
      // it saw, so this login would keep its old permission.
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
    /** Answers one look-up. The parent of sshd's command is the monitor process of the connection. */
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
