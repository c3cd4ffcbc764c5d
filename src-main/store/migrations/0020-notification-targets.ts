import type { Migration } from '../migrate.ts';

/**
 * Stores where notifications are sent to, and what each target has. Secrets stay in files that a target names. A delivery's
 * event is `raised` or `cleared`.
 */
export const notificationTargets: Migration = {
  version: 20,
  name: 'notification-targets',
  sql: `
    CREATE TABLE notification_target (
      id           TEXT PRIMARY KEY,
      name         TEXT NOT NULL UNIQUE,
      target_json  TEXT NOT NULL CHECK (json_valid(target_json)),
      sent         INTEGER NOT NULL,
      lost         INTEGER NOT NULL,
      last_sent_at TEXT,
      problem_json TEXT CHECK (problem_json IS NULL OR json_valid(problem_json))
    ) STRICT;
    CREATE TABLE notification_delivery (
      target_id       TEXT NOT NULL REFERENCES notification_target (id) ON DELETE CASCADE,
      notification_id TEXT NOT NULL REFERENCES notification (id) ON DELETE CASCADE,
      event           TEXT NOT NULL,
      outcome         TEXT NOT NULL,
      PRIMARY KEY (target_id, notification_id, event)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX notification_delivered ON notification_delivery (notification_id);
  `,
};
