import { join } from 'node:path';

/*
 * The service's two sockets. Their folders decide who may connect: `lookups` is open to the user `sallyport` alone,
 * `channels` to `connect` alone (and to root, who may do anything).
 *
 * Both speak in lines, and the service speaks first:
 *
 *   service: hello NONCE                    client takes NONCE as its process name, see peer.ts
 *   client:  lookup PID KEY_BLOB            service: no | yes AUTHORIZED_KEYS_LINE, then it closes
 *   client:  session PID TICKET [PEER]      service: refused | ticket NEXT_TICKET, then messages for the tenant (`{…`),
 *                                                    at last `end` or `expel`
 *
 * After its ticket the client sends what the tenant sends. client/session.c and client/lookup.c are the other end.
 */
export function lookUpSocketPath(runFolder: string): string {
  return join(runFolder, 'lookups', 'socket');
}

export function channelSocketPath(runFolder: string): string {
  return join(runFolder, 'channels', 'socket');
}
