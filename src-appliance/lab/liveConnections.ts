import type { Authorization } from '../core/tenants/authorization.ts';
import type { RegistrarState } from '../core/sessions/registrarConversation.ts';
import type { ObservedSession, Runtime, SessionSelection } from '../core/procfs/runtime.ts';
import { hasPort } from '../../src-shared/model/tenants/ports.ts';
import { silentSince } from '../core/sessions/registrarProtocol.ts';

/**
 * A tenant's authenticated connection to an embedded appliance. `number` takes the place of sshd's process
 * ID.
 */
export type LiveConnection = {
  number: number;
  authorization: Authorization;
  peer: { address: string; port: number };
  since: number;
  registrar: RegistrarState;
  listeners: Map<number, { close: () => void }>;
  /** Resolves when the connection and its listeners are closed. */
  end: () => Promise<void>;
};

export type LiveConnections = {
  add: (connection: LiveConnection) => void;
  remove: (connection: LiveConnection) => void;
  all: () => readonly LiveConnection[];
  observe: Runtime['observe'];
  endSessions: Runtime['endSessions'];
  endListener: Runtime['endListener'];
};

function describe(connection: LiveConnection, now: number): ObservedSession {
  const { registrar } = connection;
  const { lastHeartbeatAt } = registrar;
  return {
    pid: connection.number,
    startTicks: 0,
    clientId: connection.authorization.clientId,
    kind: registrar.connectVersion === null ? 'plain' : 'connect',
    peerAddress: connection.peer.address,
    peerPort: connection.peer.port,
    since: new Date(connection.since).toISOString(),
    keyFingerprint: connection.authorization.fingerprint,
    connectVersion: registrar.connectVersion,
    lastHeartbeatAt,
    silentSince: silentSince(lastHeartbeatAt, { from: connection.since, until: now }),
    permittedPorts: null,
  };
}

function isSelected(connection: LiveConnection, which: SessionSelection): boolean {
  const { beyondPorts } = which;
  return (
    connection.authorization.clientId === which.clientId &&
    which.keepFingerprints?.includes(connection.authorization.fingerprint) !== true &&
    (beyondPorts === undefined ||
      [...connection.listeners.keys()].some((port) => !hasPort(beyondPorts, port)))
  );
}

/** Replaces procfs on an embedded appliance: knows the tenants' connections and their open ports. */
export function createLiveConnections(): LiveConnections {
  const connections = new Set<LiveConnection>();
  return {
    add: (connection) => void connections.add(connection),
    remove: (connection) => void connections.delete(connection),
    all: () => [...connections],
    observe: async () => ({
      sessions: [...connections].map((connection) => describe(connection, Date.now())),
      listeners: [...connections].flatMap((connection) =>
        [...connection.listeners.keys()].map((port) => ({
          port,
          // Report the appliance's own loopback address. Only the lab knows the real address.
          address: '127.0.0.1',
          pid: connection.number,
        })),
      ),
    }),
    endSessions: async (which) => {
      const selected = [...connections].filter((connection) => isSelected(connection, which));
      await Promise.all(selected.map((connection) => connection.end()));
      return selected.length;
    },
    endListener: async ({ port, pid }) => {
      const holder = [...connections].find((one) => one.number === pid && one.listeners.has(port));
      await holder?.end();
      return holder !== undefined;
    },
  };
}
