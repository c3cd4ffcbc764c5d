import type { Migration } from '../migrate.ts';

/**
 * Stores the amount above which the console warns, for each appliance, and which warnings of which month were raised, so that
 * each is raised once. `ended_at` is NULL while the amount is above.
 */
export const usageWarnings: Migration = {
  version: 18,
  name: 'usage-warnings',
  sql: `
    CREATE TABLE usage_warning (
      appliance_id TEXT PRIMARY KEY REFERENCES appliance (id) ON DELETE CASCADE,
      amount       TEXT NOT NULL,
      currency     TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE usage_warning_raised (
      appliance_id TEXT NOT NULL REFERENCES usage_warning (appliance_id) ON DELETE CASCADE,
      month        TEXT NOT NULL,
      state        TEXT NOT NULL,
      text         TEXT NOT NULL,
      raised_at    TEXT NOT NULL,
      ended_at     TEXT,
      PRIMARY KEY (appliance_id, month, state)
    ) STRICT, WITHOUT ROWID;
  `,
};
