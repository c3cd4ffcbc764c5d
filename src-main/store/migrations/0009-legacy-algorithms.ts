import type { Migration } from '../migrate.ts';

/** Entries from before said nothing of it: SHA-1 was allowed for all, and is for none from here on. */
export const legacyAlgorithms: Migration = {
  version: 9,
  name: 'legacy-algorithms',
  sql: `
    UPDATE appliance SET entry_json = json_set(entry_json, '$.legacyAlgorithms', json('false'))
    WHERE json_type(entry_json, '$.legacyAlgorithms') IS NULL;
  `,
};
