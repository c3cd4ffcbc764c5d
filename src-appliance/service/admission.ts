import type { ProcessStat } from '../core/procfs/procfs.ts';
import type { Request } from './gate.ts';
import type { Logins } from './logins.ts';
import { loadLogin, type LoginRecord } from '../core/sessions/loginRecords.ts';
import { readStat } from '../core/procfs/procfs.ts';
import { verifyPeer } from './peer.ts';
import { createTicket, hashTicket, matchesTicket } from './ticket.ts';

/** An accepted client, which speaks for the tenant of `record` on the channel of `session`. */
export type AdmittedClient = {
  record: LoginRecord;
  session: ProcessStat;
  peer: { address: string; port: number } | null;
  /** True if the session had a channel before, which was interrupted. */
  isBack: boolean;
};

/** Reads the client's address and port, the first two words of sshd's SSH_CONNECTION. */
function readAddress([address, port]: readonly string[]): AdmittedClient['peer'] {
  return address === undefined || address === '' ? null : { address, port: Number(port) || 0 };
}

/**
 * Accepts a client's ticket and gives it the next ticket. Otherwise returns the reason: the client is not a
 * child of the session that logged in with the ticket, or the ticket was already used.
 */
export async function admitClient(
  { words, nonce, socket }: Request,
  parts: { runFolder: string; logins: Logins },
): Promise<AdmittedClient | string> {
  const [verb, pid, ticket = '', ...connection] = words;
  const peer = verb === 'session' ? await verifyPeer({ pid: Number(pid), nonce }) : null;
  if (peer === null) return 'it was not started by sshd';
  const { pid: sessionPid, startTicks } = peer.parent;
  const monitor = await readStat(peer.parent.parent);
  // No await after this line. Otherwise two clients could use the same ticket.
  const record = monitor === null ? null : loadLogin(parts.runFolder, monitor);
  if (record === null) return `no login is recorded for sshd ${sessionPid}`;
  if (!matchesTicket(ticket, record.ticketHash)) return `its ticket was not issued to sshd ${sessionPid}`;
  const known = record.session ?? peer.parent;
  if (known.pid !== sessionPid || known.startTicks !== startTicks)
    return `its ticket belongs to sshd ${known.pid}, not to ${sessionPid}`;
  const next = createTicket();
  // Send the new ticket before saving it: if this process ends in between, the client still has the old
  // ticket too.
  socket.write(`ticket ${next}\n`);
  const session = { pid: sessionPid, startTicks };
  parts.logins.save({ ...record, ticketHash: hashTicket(next), session }, 0);
  return { record, session: peer.parent, peer: readAddress(connection), isBack: record.session !== null };
}
