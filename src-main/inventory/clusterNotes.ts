import { type ApplianceEntry, listClusterMembers } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { Store } from '../store/store.ts';

/**
 * Copies the tenant notes of an appliance that leaves its cluster to a member that stays, because the members
 * share them and each note is stored once. A newer note of that member stays. Call it before the appliance is
 * deleted or changed, in the same transaction.
 */
export function leaveNotesInCluster(
  store: Store,
  leaving: ApplianceEntry,
  entries: readonly ApplianceEntry[],
): void {
  const [{ id }, heir] = listClusterMembers(leaving, entries);
  if (heir === undefined) return;
  store.run(
    store.query
      .insertInto('tenantNote')
      .columns(['applianceId', 'clientId', 'noteJson', 'changedAt', 'changedBy'])
      .expression((build) =>
        build
          .selectFrom('tenantNote')
          .select((note) => [
            note.val(heir.id).as('applianceId'),
            'clientId',
            'noteJson',
            'changedAt',
            'changedBy',
          ])
          .where('applianceId', '=', id),
      )
      .onConflict((conflict) =>
        conflict
          .columns(['applianceId', 'clientId'])
          .doUpdateSet((build) => ({
            noteJson: build.ref('excluded.noteJson'),
            changedAt: build.ref('excluded.changedAt'),
            changedBy: build.ref('excluded.changedBy'),
          }))
          .whereRef('tenantNote.changedAt', '<', 'excluded.changedAt'),
      ),
  );
}
