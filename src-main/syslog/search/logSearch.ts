import type { Tenant } from '../../../src-shared/model/tenants/remoteNetworks.ts';
import type { Audit } from '../../audit/audit.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import type { Store } from '../../store/store.ts';
import type { KeptLogs } from '../kept/keptLogs.ts';
import { createKeptNotes } from './keptNotes.ts';
import { createKeptSearches } from './keptSearches.ts';
import { watchKept } from './watchKept.ts';

/** Everything that the page does with kept logs. Opening them is recorded in the audit trail, as for the live log. */
export function createLogSearch(options: {
  keptLogs: KeptLogs;
  inventory: Pick<Inventory, 'get'>;
  audit: Pick<Audit, 'event'>;
  store: Store;
  tenantsOf: (applianceId: string) => readonly Tenant[];
  clock: () => number;
}) {
  const { keptLogs, inventory, audit, tenantsOf } = options;
  return {
    ...createKeptSearches({
      ...options,
      engine: keptLogs.engine,
      tenantsOf: (applianceId) =>
        tenantsOf(applianceId).map(({ clientId, ports, keys }) => ({
          clientId,
          ports,
          fingerprints: keys.map(({ fingerprint }) => fingerprint),
          validFingerprints: keys
            .filter(({ expiresAt }) => expiresAt === null || Date.parse(expiresAt) > options.clock())
            .map(({ fingerprint }) => fingerprint),
        })),
    }),
    notes: createKeptNotes(options),
    /** Reads logs into the store while it is read. Throws NOT_FOUND for an unknown appliance. */
    watch: (applianceIds: readonly string[], signal: AbortSignal) => {
      const names = applianceIds.map((id) => inventory.get(id).name);
      audit.event({ event: 'syslog.search', object: names.join(', ') });
      return watchKept(keptLogs, applianceIds, signal);
    },
  };
}
