import type { GroupKey } from '../../src-shared/model/tenants/groupKeys.ts';
import { quoteArgv } from '../../src-shared/base/quoteArgv.ts';
import type { Audit } from '../audit/audit.ts';
import type { GroupRef } from '../driver/groupKeyCommands.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Links } from '../links/links.ts';
import { withLink } from '../links/withLink.ts';

type Place = GroupRef & { applianceId: string };

/**
 * The keys of a tenant's repository groups. The console stores no key: each is read from the appliance when a user
 * asks, with a record in the audit trail.
 */
export function createGroupKeys(options: { inventory: Inventory; links: Links; audit: Audit }) {
  const { inventory, links, audit } = options;

  function actionOf({ applianceId, clientId, group }: Place, words: readonly string[]) {
    return {
      object: `${inventory.get(applianceId).name}/${clientId}`,
      command: quoteArgv(['ke_manage_remote_networks', 'group-key', ...words, clientId, group]),
      detail: `group ${group}`,
    };
  }

  return {
    list: ({ applianceId, clientId }: Omit<Place, 'group'>): Promise<GroupKey[]> => {
      const entry = inventory.get(applianceId);
      return withLink(links, entry, () => links.of(entry.id).driver.groupKeys.list(clientId));
    },
    /** Resolves with the key. */
    show: (place: Place): Promise<string> => {
      const { applianceId, clientId, group } = place;
      const entry = inventory.get(applianceId);
      return audit.act({ event: 'groupKey.show', ...actionOf(place, ['show']) }, () =>
        withLink(links, entry, () => links.of(entry.id).driver.groupKeys.show({ clientId, group })),
      );
    },
    /** Rejects with APPLIANCE_LOCKED if the appliance is locked. */
    rotate: (request: Place & { overlapHours: number; reason: string }): Promise<GroupKey> => {
      const { applianceId, clientId, group, overlapHours, reason } = request;
      const entry = inventory.get(applianceId);
      const words = ['rotate', ...(overlapHours === 0 ? [] : ['--overlap', `${overlapHours}`])];
      return audit.act({ event: 'groupKey.rotate', reason, ...actionOf(request, words) }, () => {
        inventory.assertUnlocked(entry.id);
        return withLink(links, entry, () =>
          links.of(entry.id).driver.groupKeys.rotate({ clientId, group }, overlapHours),
        );
      });
    },
  };
}
