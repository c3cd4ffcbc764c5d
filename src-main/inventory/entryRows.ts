import {
  applianceEntrySchema,
  type ApplianceEntry,
} from '../../src-shared/model/appliance/applianceEntry.ts';
import type { Store } from '../store/store.ts';

/**
 * Reads and writes the stored entries of appliances. Every method throws STORE_FAILED if the database fails.
 */
export function createEntryRows({ store }: { store: Store }) {
  const { query } = store;
  return {
    /** All entries, sorted by name. */
    all: (): ApplianceEntry[] =>
      store
        .all(query.selectFrom('appliance').select('entryJson').orderBy('name'))
        .map((row) => applianceEntrySchema.parse(JSON.parse(row.entryJson))),
    insert: (entry: ApplianceEntry): ApplianceEntry => {
      const { id, name, createdAt } = entry;
      store.run(
        query.insertInto('appliance').values({ id, name, entryJson: JSON.stringify(entry), createdAt }),
      );
      return entry;
    },
    update: (entry: ApplianceEntry): ApplianceEntry => {
      const { id, name } = entry;
      store.run(
        query
          .updateTable('appliance')
          .set({ name, entryJson: JSON.stringify(entry) })
          .where('id', '=', id),
      );
      return entry;
    },
    delete: (id: string): void => {
      store.run(query.deleteFrom('appliance').where('id', '=', id));
    },
    /** All entries as stored text in a fixed order, to detect changes by another process. */
    content: () => store.all(query.selectFrom('appliance').select('entryJson').orderBy('id')),
  };
}
