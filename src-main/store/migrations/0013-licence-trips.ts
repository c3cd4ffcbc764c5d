import type { Migration } from '../migrate.ts';

/** Stores offline renewals. An appliance has at most one open renewal, also if several consoles share the store. */
export const licenceTrips: Migration = {
  version: 13,
  name: 'licence-trips',
  sql: `
    CREATE TABLE licence_trip (
      id             TEXT NOT NULL PRIMARY KEY,
      appliance_id   TEXT NOT NULL,
      entry_id       TEXT,
      request_number INTEGER NOT NULL,
      opened_at      TEXT NOT NULL,
      ended_at       TEXT,
      trip_json      TEXT NOT NULL CHECK (json_valid(trip_json))
    ) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX licence_trip_open ON licence_trip (appliance_id) WHERE ended_at IS NULL;
  `,
};
