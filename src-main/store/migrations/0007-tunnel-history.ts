import type { Migration } from '../migrate.ts';

/**
 * Stores state changes and latencies of tunnels, and when a console watched each appliance. Times are epoch
 * milliseconds, because thousands are compared at once. Drops have a flag, so that they are counted fast.
 */
export const tunnelHistory: Migration = {
  version: 7,
  name: 'tunnel history',
  sql: `
    CREATE TABLE tunnel_change (
      appliance_id TEXT NOT NULL REFERENCES appliance (id) ON DELETE CASCADE,
      client_id    TEXT NOT NULL,
      port         INTEGER NOT NULL,
      at_ms        INTEGER NOT NULL,
      tone         TEXT NOT NULL,
      code         TEXT NOT NULL,
      reason       TEXT NOT NULL,
      dropped      INTEGER NOT NULL DEFAULT 0 CHECK (dropped IN (0, 1)),
      PRIMARY KEY (appliance_id, client_id, port, at_ms)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX tunnel_drop ON tunnel_change (appliance_id, at_ms) WHERE dropped = 1;
    CREATE TABLE tunnel_latency (
      appliance_id TEXT NOT NULL REFERENCES appliance (id) ON DELETE CASCADE,
      client_id    TEXT NOT NULL,
      port         INTEGER NOT NULL,
      quarter_ms   INTEGER NOT NULL,
      slowest_ms   INTEGER NOT NULL,
      PRIMARY KEY (appliance_id, client_id, port, quarter_ms)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE watch_span (
      id           TEXT NOT NULL PRIMARY KEY,
      appliance_id TEXT NOT NULL REFERENCES appliance (id) ON DELETE CASCADE,
      from_ms      INTEGER NOT NULL,
      to_ms        INTEGER NOT NULL CHECK (to_ms >= from_ms)
    ) STRICT;
    CREATE INDEX watch_span_of ON watch_span (appliance_id, to_ms);
  `,
};
