import type { ApplianceStatus } from '../../../src-shared/model/appliance/applianceStatus.ts';
import type { PortRange } from '../../../src-shared/model/tenants/ports.ts';
import type { ListenerHolder, TenantSession } from '../../../src-shared/model/tenants/remoteNetworks.ts';

/**
 * A tenant's live connection. `permittedPorts`: the ports on which the session may listen even if its
 * allotment changed since, because stock sshd fixes them at login. Null if the server checks each request
 * against the present allotment. `startTicks`: identifies the process together with its pid.
 */
export type ObservedSession = TenantSession & {
  clientId: string;
  permittedPorts: PortRange[] | null;
  startTicks: number;
};

/**
 * A TCP socket that listens on loopback or on the cluster member's address, on a port of the appliance's
 * range. `pid` is null if the system doesn't report it. `holder`: absent for a tenant's session.
 */
export type ObservedListener = {
  port: number;
  address: string;
  pid: number | null;
  holder?: ListenerHolder | undefined;
};

export type Observation = { sessions: ObservedSession[]; listeners: ObservedListener[] };

/**
 * Selects the tenant's sessions to end. `keepFingerprints` excludes sessions with these keys. `beyondPorts`
 * includes only sessions that listen, or may listen, on a port outside these ports.
 */
export type SessionSelection = {
  clientId: string;
  keepFingerprints?: readonly string[];
  beyondPorts?: readonly PortRange[];
};

/**
 * How commands access the SSH server. The same commands run with Debian's sshd and with the lab's embedded
 * server.
 */
export type Runtime = {
  observe: () => Promise<Observation>;
  /**
   * Ends sessions and logins in progress. Resolves with the number of ended sessions when they are gone. This
   * takes less than a second unless the machine is overloaded.
   */
  endSessions: (which: SessionSelection) => Promise<number>;
  /**
   * Ends the process `pid` if it is the tenant's server process and listens on `port`. Resolves with true
   * after the process has ended, otherwise with false.
   */
  endListener: (which: { port: number; pid: number }) => Promise<boolean>;
  services: () => Promise<ApplianceStatus['services']>;
  /** The login shell of the connect user if it runs no command, e.g. `/usr/sbin/nologin`. Otherwise null. */
  findRefusingShell: () => Promise<string | null>;
  /**
   * Which setting of sshd permits no forward to the connect user, e.g. `DisableForwarding is yes`. Null if
   * forwards are permitted, or if the settings can't be read.
   */
  findForwardingOff: () => Promise<string | null>;
  /** E.g. `OpenSSH_9.2p1`. Null if there is no sshd or its version can't be found. */
  sshdVersion: () => Promise<string | null>;
};
