import type { Migration } from '../migrate.ts';

export const notifications: Migration = {
  version: 8,
  name: 'notifications',
  sql: `
    CREATE TABLE notification (
      id           TEXT NOT NULL PRIMARY KEY,
      subject      TEXT NOT NULL,
      appliance_id TEXT NOT NULL REFERENCES appliance (id) ON DELETE CASCADE,
      client_id    TEXT NOT NULL,
      port         INTEGER,
      kind         TEXT NOT NULL,
      text         TEXT NOT NULL,
      raised_at    TEXT NOT NULL,
      cleared_at   TEXT,
      seen_at      TEXT,
      quiet        INTEGER NOT NULL CHECK (quiet IN (0, 1))
    ) STRICT;
    CREATE UNIQUE INDEX notification_open ON notification (subject) WHERE cleared_at IS NULL;
  `,
};
