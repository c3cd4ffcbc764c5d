import type { Migration } from '../migrate.ts';

/** Stores where kept log lines are forwarded to, and what each destination has. Secrets stay in files that it names. */
export const logDestinations: Migration = {
  version: 16,
  name: 'log-destinations',
  sql: `
    CREATE TABLE log_destination (
      id               TEXT PRIMARY KEY,
      name             TEXT NOT NULL UNIQUE,
      destination_json TEXT NOT NULL CHECK (json_valid(destination_json)),
      sent             INTEGER NOT NULL,
      missed           INTEGER NOT NULL,
      refused          INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE log_position (
      destination_id TEXT NOT NULL REFERENCES log_destination (id) ON DELETE CASCADE,
      appliance_id   TEXT NOT NULL,
      source         TEXT NOT NULL,
      next_line      INTEGER NOT NULL,
      PRIMARY KEY (destination_id, appliance_id, source)
    ) STRICT, WITHOUT ROWID;
  `,
};
