import type { ApplianceStatus } from '../../../src-shared/model/appliance/applianceStatus.ts';
import type { PortRange } from '../../../src-shared/model/tenants/ports.ts';
import type { TenantSession } from '../../../src-shared/model/tenants/remoteNetworks.ts';

/**
 * A tenant's live connection as the SSH server sees it. `permittedPorts` are the ports that the session may still bind
 * although the state may have changed (stock sshd fixes them at login); null if every request is checked against the
 * present state.
 */
export type ObservedSession = TenantSession & {
  clientId: string;
  permittedPorts: PortRange[] | null;
};

/**
 * A listening TCP socket in the appliance's port range, on loopback or on the cluster member's address. `pid` is null
 * if the system does not report it.
 */
export type ObservedListener = { port: number; address: string; pid: number | null };

export type Observation = { sessions: ObservedSession[]; listeners: ObservedListener[] };

/**
 * Which of a tenant's sessions to end. Each selector narrows: `keepFingerprints` spares sessions of those keys;
 * `beyondPorts` selects only sessions that listen, or may listen, on a port outside these.
 */
export type SessionSelection = {
  clientId: string;
  keepFingerprints?: readonly string[];
  beyondPorts?: readonly PortRange[];
};

/**
 * The interface between the commands and the SSH server, so that the same commands run behind Debian's sshd and behind
 * the lab's embedded server.
 */
export type Runtime = {
  observe: () => Promise<Observation>;
  /**
   * Ends sessions, and logins in progress. Resolves with the number of ended sessions when they are gone: within one
   * second, unless the machine is overloaded.
   */
  endSessions: (which: SessionSelection) => Promise<number>;
  /**
   * Ends the process `pid` if it is the server's process of a tenant and listens on `port`. Resolves with whether that
   * was so, once it is gone.
   */
  endListener: (which: { port: number; pid: number }) => Promise<boolean>;
  services: () => Promise<ApplianceStatus['services']>;
  /** E.g. `OpenSSH_9.2p1`; null if there is no sshd or its version is unknown. */
  sshdVersion: () => Promise<string | null>;
};
