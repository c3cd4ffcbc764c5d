import { join } from 'node:path';

/*
 * The service's two sockets. Their folders decide who may connect: only the user `sallyport` may use `lookups`, and
 * only `connect` may use `channels` (and root both).
 *
 * Both use lines of text, and the service speaks first:
 *
 *   service: hello NONCE                    client sets NONCE as its process name, see peer.ts
 *   client:  lookup PID KEY_BLOB            service: no | yes AUTHORIZED_KEYS_LINE, then it closes
 *   client:  session PID TICKET [PEER]      service: refused | ticket NEXT_TICKET, then messages for the tenant (`{…`),
 *                                                    finally `end` or `expel`
 *
 * After its ticket, the client passes on the tenant's input. client/session.c and client/lookup.c are the clients.
 */
export function lookUpSocketPath(runFolder: string): string {
  return join(runFolder, 'lookups', 'socket');
}

export function channelSocketPath(runFolder: string): string {
  return join(runFolder, 'channels', 'socket');
}
