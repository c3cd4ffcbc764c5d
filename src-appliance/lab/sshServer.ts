import type { Loopback } from './loopback.ts';
import { createServer, type Socket } from 'node:net';
import type { SyslogEntry } from './syslogFile.ts';
import ssh2, { type AuthContext, type Connection, type PublicKeyAuthContext, type Server } from 'ssh2';
import { findTenantByKey, type Authorization } from '../core/tenants/authorization.ts';
import { listenOn } from './loopback.ts';
import { fingerprintOf } from '../../src-shared/base/sshWire.ts';

/**
 * In OpenSSH, `ClientAliveInterval` is 0 by default: the connection of a client that vanished stays open.
 */
const maxTimerMs = 2 ** 31 - 1;

export type Peer = { address: string; port: number };
type Identity = { kind: 'admin' } | { kind: 'tenant'; authorization: Authorization };

export type SshServer = { port: number; close: () => void };

/** The name of a key type in sshd's log: `ED25519`, `RSA`, `ECDSA`, `ED25519-SK`. */
function keyTypeName(algorithm: string): string {
  const hardware = algorithm.startsWith('sk-') ? '-SK' : '';
  const [kind = ''] = algorithm.replace(/^sk-/u, '').replace(/^ssh-/u, '').split(/[-@]/u);
  return `${kind.toUpperCase()}${hardware}`;
}

function isGenuine(context: PublicKeyAuthContext): boolean {
  const { key, signature, blob, hashAlgo } = context;
  // The client hasn't signed yet. It only asks whether the key would be accepted.
  if (signature === undefined || blob === undefined) return true;
  const parsed = ssh2.utils.parseKey(`${key.algo} ${key.data.toString('base64')}`);
  return !(parsed instanceof Error) && parsed.verify(blob, signature, hashAlgo);
}

/**
 * An SSH server with an appliance's logins: the administrator with one key, and tenants as `connect` with the
 * keys in the appliance's present state. Refuses all other logins. Logs in sshd's words.
 */
export async function startSshServer(options: {
  loopback: Loopback;
  port: number;
  hostKey: string;
  adminUser: string;
  adminKeyBlob: string;
  connectUser: string;
  stateFolder: string;
  log: (entry: SyslogEntry) => void;
  /** Returns the number of a new connection, which takes the place of sshd's process ID. */
  nextNumber: () => number;
  onAdmin: (client: Connection) => void;
  /**
   * Called synchronously during the login, so that the state can't change in between. `cut` closes the TCP
   * connection without waiting for the peer.
   */
  onTenant: (
    client: Connection,
    tenant: { number: number; authorization: Authorization; peer: Peer; cut: () => void },
  ) => void;
}): Promise<SshServer> {
  const { adminUser, connectUser } = options;

  const sockets = new Map<string, Socket>();

  const identify = (context: PublicKeyAuthContext): Identity | null => {
    const keyBlob = context.key.data.toString('base64');
    if (context.username === adminUser) return keyBlob === options.adminKeyBlob ? { kind: 'admin' } : null;
    if (context.username !== connectUser) return null;
    const authorization = findTenantByKey({ stateFolder: options.stateFolder, keyBlob });
    return authorization === null || authorization.suspended ? null : { kind: 'tenant', authorization };
  };

  const authenticate = (
    client: Connection,
    attempt: { context: AuthContext; peer: Peer; number: number; note: (message: string) => void },
  ): void => {
    const { context, peer, number, note } = attempt;
    if (context.method !== 'publickey') return context.reject(['publickey']);
    const key = `${keyTypeName(context.key.algo)} ${fingerprintOf(context.key.data)}`;
    const origin = `from ${peer.address} port ${peer.port} ssh2: ${key}`;
    const identity = identify(context);
    if (identity === null || !isGenuine(context)) {
      // Log this even if the client only asks about a key, because sshd does so at LogLevel VERBOSE.
      const isKnown = context.username === adminUser || context.username === connectUser;
      note(`Failed publickey for ${isKnown ? '' : 'invalid user '}${context.username} ${origin}`);
      return context.reject(['publickey']);
    }
    if (context.signature === undefined) return context.accept();
    note(`Accepted publickey for ${context.username} ${origin}`);
    if (identity.kind === 'admin') options.onAdmin(client);
    else
      options.onTenant(client, {
        number,
        authorization: identity.authorization,
        peer,
        cut: () => sockets.get(`${peer.address}:${peer.port}`)?.destroy(),
      });
    context.accept();
  };

  const server: Server = new ssh2.Server(
    { hostKeys: [options.hostKey], ident: 'Sallyport_lab', keepaliveInterval: maxTimerMs },
    (client, info) => {
      const peer = { address: info.ip, port: info.port };
      const number = options.nextNumber();
      const note = (message: string): void =>
        options.log({ program: 'sshd', pid: number, severity: 'info', message });
      let user: string | null = null;
      let admitted = false;
      client.on('authentication', (context) => {
        user = context.username;
        authenticate(client, { context, peer, number, note });
      });
      client.on('ready', () => {
        admitted = true;
        note(`pam_unix(sshd:session): session opened for user ${user ?? ''} by (uid=0)`);
      });
      client.on('error', () => undefined);
      client.on('close', () => {
        const who = `user ${user ?? 'unknown'} ${peer.address} port ${peer.port}`;
        if (!admitted) return note(`Connection closed by authenticating ${who} [preauth]`);
        note(`Disconnected from ${who}`);
        note(`pam_unix(sshd:session): session closed for user ${user ?? ''}`);
      });
    },
  );
  const host = options.loopback.address;
  const door = createServer({ noDelay: true }, (socket) => {
    const name = `${socket.remoteAddress ?? ''}:${socket.remotePort ?? 0}`;
    sockets.set(name, socket);
    socket.once('close', () => sockets.delete(name));
    server.injectSocket(socket);
  });
  const { port } = await listenOn(door, { host, port: options.port }).catch(() =>
    listenOn(door, { host, port: 0 }),
  );
  return {
    port,
    close: () => {
      door.close();
      for (const socket of sockets.values()) socket.destroy();
    },
  };
}
