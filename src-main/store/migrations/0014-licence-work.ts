import type { Migration } from '../migrate.ts';

/** Stores what people did for the renewal of each licence, by its sequence number; 0 if no licence is installed. */
export const licenceWork: Migration = {
  version: 14,
  name: 'licence-work',
  sql: `
    CREATE TABLE licence_work (
      appliance_id TEXT NOT NULL REFERENCES appliance (id) ON DELETE CASCADE,
      sequence     INTEGER NOT NULL,
      work_json    TEXT NOT NULL CHECK (json_valid(work_json)),
      PRIMARY KEY (appliance_id, sequence)
    ) STRICT, WITHOUT ROWID;
  `,
};
