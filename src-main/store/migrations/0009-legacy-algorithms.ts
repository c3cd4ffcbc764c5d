import type { Migration } from '../migrate.ts';

/**
 * Adds the setting for legacy algorithms, which is off for all entries. Earlier versions always allowed
 * SHA-1.
 */
export const legacyAlgorithms: Migration = {
  version: 9,
  name: 'legacy-algorithms',
  sql: `
    UPDATE appliance SET entry_json = json_set(entry_json, '$.legacyAlgorithms', json('false'))
    WHERE json_type(entry_json, '$.legacyAlgorithms') IS NULL;
  `,
};
