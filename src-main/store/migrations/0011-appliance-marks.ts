import type { Migration } from '../migrate.ts';

/**
 * Adds tags, a colour and a lock to entries. Existing entries have no tags and no colour and are not locked.
 */
export const applianceMarks: Migration = {
  version: 11,
  name: 'appliance-marks',
  sql: `
    UPDATE appliance SET entry_json = json_set(
      entry_json, '$.tags', json('[]'), '$.colour', 'none', '$.locked', json('false')
    );
  `,
};
