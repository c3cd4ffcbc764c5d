import type { Migration } from '../migrate.ts';

export const inventory: Migration = {
  version: 1,
  name: 'inventory',
  sql: `
    CREATE TABLE appliance (
      id         TEXT PRIMARY KEY,
      name       TEXT NOT NULL UNIQUE,
      entry_json TEXT NOT NULL CHECK (json_valid(entry_json)),
      created_at TEXT NOT NULL
    ) STRICT;
    CREATE TABLE host_key (
      host        TEXT NOT NULL,
      port        INTEGER NOT NULL CHECK (port BETWEEN 1 AND 65535),
      type        TEXT NOT NULL,
      fingerprint TEXT NOT NULL,
      pinned_at   TEXT NOT NULL,
      pinned_by   TEXT NOT NULL,
      PRIMARY KEY (host, port)
    ) STRICT;
  `,
};
