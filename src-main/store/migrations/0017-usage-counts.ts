import type { Migration } from '../migrate.ts';

/**
 * Stores the last counts of each appliance, month and day (UTC), and the price plan that applied. They have no names and
 * no hashes.
 */
export const usageCounts: Migration = {
  version: 17,
  name: 'usage-counts',
  sql: `
    CREATE TABLE usage_counts (
      appliance_id TEXT NOT NULL REFERENCES appliance (id) ON DELETE CASCADE,
      month        TEXT NOT NULL,
      day          TEXT NOT NULL,
      taken_at     TEXT NOT NULL,
      summary_json TEXT NOT NULL CHECK (json_valid(summary_json)),
      plan_json    TEXT CHECK (plan_json IS NULL OR json_valid(plan_json)),
      PRIMARY KEY (appliance_id, month, day)
    ) STRICT, WITHOUT ROWID;
  `,
};
