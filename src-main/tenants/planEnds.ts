import { allotPorts, exceeds } from '../../src-shared/model/tenants/allocation.ts';
import type { RemoteNetworks, Tenant, TenantSession } from '../../src-shared/model/tenants/remoteNetworks.ts';
import type { PortRange } from '../../src-shared/model/tenants/ports.ts';
import type { TenantAction, TenantPlan } from '../../src-shared/model/tenants/tenantPlan.ts';

/** The ports of a tenant with the quota `count`, by the appliance's rule; null if no free block is large enough. */
export function portsWith(request: {
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
 * The sessions that end. Shrinking ends every session that was permitted a lost port, even if it doesn't use it,
 * because stock sshd fixes permitted ports at login **[ours]**. The list does not show what a session may use, so this
 * includes all of them.
 */
function endingSessions(input: {
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
      return exceeds(tenant.ports, input.portsAfter) ? tenant.sessions : [];
    case 'suspend':
    case 'remove':
      return tenant.sessions;
  }
}

/** What a change ends, one row per tunnel; a session without tunnels is a row without a port. */
export function planEnds(input: {
  action: TenantAction;
  tenant: Tenant | null;
  portsAfter: readonly PortRange[];
  newFingerprint: string | null;
}): TenantPlan['ends'] {
  const { action, tenant } = input;
  if (tenant === null) return [];
  const { clientId } = tenant;
  if (action.kind === 'release')
    return (
      tenant.forwards
        .filter((forward) => forward.listener?.pid === action.pid)
        // Remains of a tunnel are not up, whenever it was announced.
        .map(({ port, uri }) => ({ clientId, port, destination: uri, since: null }))
    );
  const bySession = Map.groupBy(tenant.forwards, (forward) => forward.sessionPid);
  return endingSessions({ ...input, tenant }).flatMap(({ pid, since }): TenantPlan['ends'] => {
    const forwards = bySession.get(pid) ?? [];
    if (forwards.length === 0) return [{ clientId, port: null, destination: null, since }];
    return forwards.map(({ port, uri }) => ({ clientId, port, destination: uri, since }));
  });
}
