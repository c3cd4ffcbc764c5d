import type { Tenant } from '../../src-shared/model/tenants/remoteNetworks.ts';

/** Limit of remembered tenants, which plans were based on, to show later what changed. */
const maxSeenTenants = 500;

const keyOf = (applianceId: string, clientId: string, changedAt: string) =>
  `${applianceId} ${clientId} ${changedAt}`;

/** Remembers the state of a tenant for each seen `changedAt`; the oldest are forgotten first. */
export function createSeenTenants() {
  const tenants = new Map<string, Tenant>();
  return {
    remember: (applianceId: string, tenant: Tenant): void => {
      const key = keyOf(applianceId, tenant.clientId, tenant.changedAt);
      tenants.delete(key);
      // These lists may be large, and no comparison reads them.
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
