import type { ApplianceStatus } from '../../../src-shared/model/appliance/applianceStatus.ts';
import type { PortRange } from '../../../src-shared/model/tenants/ports.ts';
import type { TenantSession } from '../../../src-shared/model/tenants/remoteNetworks.ts';

/**
 * A tenant's live connection as the SSH server sees it. `permittedPorts` are the ports that the server still allows
 * the session to bind although the state may have changed since (stock sshd fixes them at log-in); null where every
 * request is judged against the current state.
 */
export type ObservedSession = TenantSession & {
  clientId: string;
  permittedPorts: PortRange[] | null;
};

/** A listening TCP socket in the appliance's port range, on loopback or on the cluster member's address. `pid` is null where the system does not tell. */
export type ObservedListener = { port: number; address: string; pid: number | null };

export type Observation = { sessions: ObservedSession[]; listeners: ObservedListener[] };

/**
 * Which of a tenant's sessions to end. Each selector narrows: `keepFingerprints` spares sessions of those keys,
 * `beyondPorts` takes only those that listen, or are permitted to listen, on a port that is not among these.
 */
export type SessionSelection = {
  clientId: string;
  keepFingerprints?: readonly string[];
  beyondPorts?: readonly PortRange[];
};

/**
 * The seam between the commands and the SSH server behind them, so that the same commands answer behind Debian's
 * sshd and behind the lab's embedded server.
 */
export type Runtime = {
  observe: () => Promise<Observation>;
  /**
   * Resolves with the number of ended sessions once they are gone: within one second, unless the machine is overloaded.
   * Also stops log-ins under way.
   */
  endSessions: (which: SessionSelection) => Promise<number>;
  /**
   * Ends the process `pid` if it is the server's own for some tenant and listens on `port`, and resolves with whether
   * it was so; once it is gone.
   */
  endListener: (which: { port: number; pid: number }) => Promise<boolean>;
  services: () => Promise<ApplianceStatus['services']>;
  /** E.g. `OpenSSH_9.2p1`; null where there is no sshd or it does not tell. */
  sshdVersion: () => Promise<string | null>;
};
