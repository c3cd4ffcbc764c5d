import type { Migration } from '../migrate.ts';

/** Stores the names of credentials. Their secrets are in the vault file, which this database never sees. */
export const credentials: Migration = {
  version: 21,
  name: 'credentials',
  sql: `
    CREATE TABLE credential (
      id         TEXT PRIMARY KEY,
      name       TEXT NOT NULL UNIQUE,
      user_name  TEXT,
      kind       TEXT NOT NULL CHECK (kind IN ('password', 'passphrase', 'both')),
      created_at TEXT NOT NULL,
      rotated_at TEXT
    ) STRICT;
  `,
};
