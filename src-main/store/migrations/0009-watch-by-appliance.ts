import type { Migration } from '../migrate.ts';

/**
 * An appliance whose link is down is not watched, whoever looks at the others: spans are kept for each. What a console
 * saw before can't be told apart, so it goes. Drops are marked as such: they are counted and looked for far more often than they happen.
 */
export const watchByAppliance: Migration = {
  version: 9,
  name: 'watch by appliance',
  sql: `
    DROP TABLE watch_span;
    CREATE TABLE watch_span (
      id           TEXT NOT NULL PRIMARY KEY,
      appliance_id TEXT NOT NULL REFERENCES appliance (id) ON DELETE CASCADE,
      from_ms      INTEGER NOT NULL,
      to_ms        INTEGER NOT NULL CHECK (to_ms >= from_ms)
    ) STRICT;
    CREATE INDEX watch_span_of ON watch_span (appliance_id, to_ms);
    ALTER TABLE tunnel_change ADD COLUMN dropped INTEGER NOT NULL DEFAULT 0 CHECK (dropped IN (0, 1));
    CREATE INDEX tunnel_drop ON tunnel_change (appliance_id, at_ms) WHERE dropped = 1;
  `,
};
