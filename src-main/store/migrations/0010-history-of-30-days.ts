import type { Migration } from '../migrate.ts';

/**
 * Keeps history for 30 days. Hourly latencies are stored in one row per tunnel and day, so that 5,000 tunnels
 * need less than 100 MB. With the indexes, pruning reads only old rows.
 */
export const historyOf30Days: Migration = {
  version: 10,
  name: 'history-of-30-days',
  sql: `
    CREATE TABLE tunnel_latency_day (
      appliance_id TEXT NOT NULL REFERENCES appliance (id) ON DELETE CASCADE,
      client_id    TEXT NOT NULL,
      port         INTEGER NOT NULL,
      day_ms       INTEGER NOT NULL,
      hours_json   TEXT NOT NULL CHECK (json_valid(hours_json)),
      PRIMARY KEY (appliance_id, client_id, port, day_ms)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX tunnel_latency_day_old ON tunnel_latency_day (day_ms);
    CREATE INDEX tunnel_latency_old ON tunnel_latency (quarter_ms);
    CREATE INDEX tunnel_change_old ON tunnel_change (at_ms);
  `,
};
