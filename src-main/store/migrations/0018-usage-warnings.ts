import type { Migration } from '../migrate.ts';

/**
 * Stores which warnings about which month were raised, so that each is raised once. `ended_at` is NULL while the amount is
 * above its limit.
 */
export const usageWarnings: Migration = {
  version: 18,
  name: 'usage-warnings',
  sql: `
    CREATE TABLE usage_warning_raised (
      appliance_id TEXT NOT NULL REFERENCES appliance (id) ON DELETE CASCADE,
      month        TEXT NOT NULL,
      state        TEXT NOT NULL,
      text         TEXT NOT NULL,
      raised_at    TEXT NOT NULL,
      ended_at     TEXT,
      PRIMARY KEY (appliance_id, month, state)
    ) STRICT, WITHOUT ROWID;
  `,
};
