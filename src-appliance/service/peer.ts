import { randomBytes } from 'node:crypto';
import { readStat, sshdNames, type ProcessStat } from '../core/procfs/procfs.ts';

/**
 * Node does not tell which process is at the other end of a Unix socket, and a peer's own claim proves nothing. So each
 * connection gets a nonce, and the peer sets it as its process name, which only the process itself can do (prctl(2),
 * PR_SET_NAME). A process with that name is the one that received the nonce.
 */
export function createNonce(): string {
  // 88 bits, 15 characters: the maximum length of a process name.
  return randomBytes(11).toString('base64url');
}

export type Peer = { client: ProcessStat; parent: ProcessStat };

/** The process that has the nonce as its name, with the sshd that started it; null if it has another name. */
export async function verifyPeer(claim: { pid: number; nonce: string }): Promise<Peer | null> {
  const client = await readStat(claim.pid);
  if (client?.name !== claim.nonce) return null;
  const parent = await readStat(client.parent);
  return parent !== null && sshdNames.has(parent.name) ? { client, parent } : null;
}
