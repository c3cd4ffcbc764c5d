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
  /** What was parsed last, because a fleet is read often and rarely changes. */
  const parsed = new Map<string, { json: string; entry: ApplianceEntry }>();

  function parse(id: string, json: string): ApplianceEntry {
    const known = parsed.get(id);
    if (known?.json === json) return known.entry;
    const entry = applianceEntrySchema.parse(JSON.parse(json));
    parsed.set(id, { json, entry });
    return entry;
  }

  return {
    /** All entries, sorted by name. An entry is the same object until it changes. */
    all: (): ApplianceEntry[] =>
      store
        .all(query.selectFrom('appliance').select(['id', 'entryJson']).orderBy('name'))
        .map((row) => parse(row.id, row.entryJson)),
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
      parsed.delete(id);
      store.run(query.deleteFrom('appliance').where('id', '=', id));
    },
    /** All entries as stored text in a fixed order, to detect changes by another process. */
    content: () => store.all(query.selectFrom('appliance').select('entryJson').orderBy('id')),
  };
}
