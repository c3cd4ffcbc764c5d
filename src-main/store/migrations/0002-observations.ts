import type { Migration } from '../migrate.ts';

export const observations: Migration = {
  version: 2,
  name: 'observations',
  sql: `
    CREATE TABLE observation (
      appliance_id TEXT NOT NULL REFERENCES appliance (id) ON DELETE CASCADE,
      kind         TEXT NOT NULL,
      observed_at  TEXT NOT NULL,
      value_json   TEXT NOT NULL CHECK (json_valid(value_json)),
      PRIMARY KEY (appliance_id, kind)
    ) STRICT;
  `,
};
