import { AppError } from '../../../src-shared/errors.ts';
import type { Forward, Tenant, TenantSession } from '../../../src-shared/model/tenants/remoteNetworks.ts';

/** A testable tunnel: its port is open and belongs to a live session. */
export type ProbeTarget = {
  clientId: string;
  port: number;
  uri: string | null;
  sessionPid: number;
  /** The session's last heartbeat at the time of the list; null if it sends none. */
  heartbeat: string | null;
};

function liveSession(tenant: Tenant, forward: Forward): TenantSession | undefined {
  return tenant.sessions.find(
    (session) => session.pid === forward.sessionPid && session.silentSince === null,
  );
}

export function targetsOf(tenants: readonly Tenant[]): ProbeTarget[] {
  return tenants.flatMap((tenant) =>
    tenant.suspended
      ? []
      : tenant.forwards.flatMap((forward) => {
          const session = liveSession(tenant, forward);
          if (forward.listener === null || session === undefined) return [];
          return {
            clientId: tenant.clientId,
            port: forward.port,
            uri: forward.uri,
            sessionPid: session.pid,
            heartbeat: session.lastHeartbeatAt,
          };
        }),
  );
}

/** The same tunnel carried by the same session to the same destination. */
export function isSameTarget(left: ProbeTarget, right: ProbeTarget): boolean {
  return (
    left.clientId === right.clientId &&
    left.port === right.port &&
    left.uri === right.uri &&
    left.sessionPid === right.sessionPid
  );
}

/** The targets of a request. Throws NOT_FOUND. A null `clientId` or `port` means all. */
export function selectTargets(
  all: readonly Tenant[],
  { clientId, port }: { clientId: string | null; port: number | null },
): ProbeTarget[] {
  const tenants = all.filter((tenant) => clientId === null || tenant.clientId === clientId);
  if (clientId !== null && tenants.length === 0)
    throw new AppError('NOT_FOUND', `There is no tenant ${clientId} on this appliance.`);
  const isListed = tenants.some((tenant) => tenant.forwards.some((forward) => forward.port === port));
  if (port !== null && !isListed)
    throw new AppError('NOT_FOUND', `Nothing is announced or bound on port ${port}.`);
  return targetsOf(tenants).filter((target) => port === null || target.port === port);
}
