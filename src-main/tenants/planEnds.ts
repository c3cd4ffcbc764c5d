import { allotPorts, hasPortOutside } from '../../src-shared/model/tenants/allocation.ts';
import type { RemoteNetworks, Tenant, TenantSession } from '../../src-shared/model/tenants/remoteNetworks.ts';
import type { PortRange } from '../../src-shared/model/tenants/ports.ts';
import type { TenantAction, TenantPlan } from '../../src-shared/model/tenants/tenantPlan.ts';

/**
 * Computes the ports of a tenant with the quota `count`, as the appliance does. Null if no free block is
 * large enough.
 */
export function computePorts(request: {
  networks: RemoteNetworks;
  clientId: string;
  own: readonly PortRange[];
  count: number;
}): PortRange[] | null {
  const { networks, clientId, own, count } = request;
  const others = networks.tenants.filter((one) => one.clientId !== clientId).flatMap((one) => one.ports);
  return allotPorts({ within: networks.portRange, own, others, count });
}

/**
 * Returns the sessions that a change will end. A smaller quota ends all sessions: stock sshd fixes a
 * session's ports at login **[ours]**, and the list does not show which sessions may use a removed port.
 */
function findEndingSessions(input: {
  action: TenantAction;
  tenant: Tenant;
  portsAfter: readonly PortRange[];
  newFingerprint: string | null;
}): readonly TenantSession[] {
  const { action, tenant } = input;
  switch (action.kind) {
    case 'add':
    case 'resume':
    case 'release':
      return [];
    case 'rotate':
      return action.overlapHours === null
        ? tenant.sessions.filter(
            (session) => input.newFingerprint === null || session.keyFingerprint !== input.newFingerprint,
          )
        : [];
    case 'change':
      return hasPortOutside(tenant.ports, input.portsAfter) ? tenant.sessions : [];
    case 'suspend':
    case 'remove':
      return tenant.sessions;
  }
}

/** Lists the tunnels that a change will end. A session without tunnels is a row without a port. */
export function planEnds(input: {
  action: TenantAction;
  tenant: Tenant | null;
  portsAfter: readonly PortRange[];
  newFingerprint: string | null;
}): TenantPlan['ends'] {
  const { action, tenant } = input;
  if (tenant === null) return [];
  const { clientId } = tenant;
  if (action.kind === 'release') {
    // A process that remains from an ended session has no working tunnels.
    const session = tenant.sessions.find(({ pid }) => pid === action.pid);
    const workingSince = session?.silentSince === null ? session.since : null;
    return tenant.forwards
      .filter((forward) => forward.listener?.pid === action.pid)
      .map(({ port, uri }) => ({ clientId, port, destination: uri, since: workingSince }));
  }
  const bySession = Map.groupBy(tenant.forwards, (forward) => forward.sessionPid);
  return findEndingSessions({ ...input, tenant }).flatMap(({ pid, since }): TenantPlan['ends'] => {
    const forwards = bySession.get(pid) ?? [];
    if (forwards.length === 0) return [{ clientId, port: null, destination: null, since }];
    return forwards.map(({ port, uri }) => ({ clientId, port, destination: uri, since }));
  });
}
