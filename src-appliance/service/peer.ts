import { randomBytes } from 'node:crypto';
import { readStat, sshdNames, type ProcessStat } from '../core/procfs/procfs.ts';

/**
 * Creates a nonce that proves which process is at the other end of a Unix socket. Node can't tell, and the
 * peer could lie. The peer sets the nonce as its process name, which only the process itself can do
 * (prctl(2), PR_SET_NAME).
 */
export function createNonce(): string {
  // 88 bits in 15 characters, the maximum length of a process name.
  return randomBytes(11).toString('base64url');
}

export type Peer = { client: ProcessStat; parent: ProcessStat };

/** The process that set the nonce as its name, and its parent, if that is an sshd. Null otherwise. */
export async function verifyPeer(claim: { pid: number; nonce: string }): Promise<Peer | null> {
  const client = await readStat(claim.pid);
  if (client?.name !== claim.nonce) return null;
  const parent = await readStat(client.parent);
  return parent !== null && sshdNames.has(parent.name) ? { client, parent } : null;
}
