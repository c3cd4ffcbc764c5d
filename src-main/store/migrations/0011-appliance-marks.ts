import type { Migration } from '../migrate.ts';

/** Entries get tags, a colour and a lock. Those of older versions have none and are unlocked. */
export const applianceMarks: Migration = {
  version: 11,
  name: 'appliance-marks',
  sql: `
    UPDATE appliance SET entry_json = json_set(
      entry_json, '$.tags', json('[]'), '$.colour', 'none', '$.locked', json('false')
    );
  `,
};
