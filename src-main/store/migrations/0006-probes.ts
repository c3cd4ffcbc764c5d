import type { Migration } from '../migrate.ts';

/** Stores the last probe result of each port. */
export const probes: Migration = {
  version: 6,
  name: 'probes',
  sql: `
    CREATE TABLE probe (
      appliance_id TEXT NOT NULL REFERENCES appliance (id) ON DELETE CASCADE,
      port         INTEGER NOT NULL,
      at           TEXT NOT NULL,
      value_json   TEXT NOT NULL CHECK (json_valid(value_json)),
      PRIMARY KEY (appliance_id, port)
    ) STRICT;
  `,
};
