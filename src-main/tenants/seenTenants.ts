import type { Tenant } from '../../src-shared/model/tenants/remoteNetworks.ts';

/** Maximum number of remembered tenants. */
const maxSeenTenants = 500;

const keyOf = (applianceId: string, clientId: string, changedAt: string) =>
  `${applianceId} ${clientId} ${changedAt}`;

/**
 * Remembers the tenants that plans were based on, so that a conflict can say what has changed. Forgets the
 * oldest first.
 */
export function createSeenTenants() {
  const tenants = new Map<string, Tenant>();
  return {
    remember: (applianceId: string, tenant: Tenant): void => {
      const key = keyOf(applianceId, tenant.clientId, tenant.changedAt);
      tenants.delete(key);
      // Don't keep these lists, because they may be large and no comparison needs them.
      tenants.set(key, { ...tenant, sessions: [], forwards: [], unplaced: [] });
      const [oldest] = tenants.keys();
      if (tenants.size > maxSeenTenants && oldest !== undefined) tenants.delete(oldest);
    },
    find: (request: { applianceId: string; clientId: string; changedAt: string | null }): Tenant | null => {
      const { applianceId, clientId, changedAt } = request;
      return changedAt === null ? null : (tenants.get(keyOf(applianceId, clientId, changedAt)) ?? null);
    },
  };
}
