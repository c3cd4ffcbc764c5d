import type { Migration } from '../migrate.ts';

/**
 * Stores runs on many appliances with what each appliance did. Results stay when an appliance is removed, because they are
 * a record of what was done.
 */
export const fleetRuns: Migration = {
  version: 19,
  name: 'fleet-runs',
  sql: `
    CREATE TABLE fleet_run (
      number    INTEGER NOT NULL PRIMARY KEY,
      owner     TEXT NOT NULL,
      owner_pid INTEGER NOT NULL,
      run_json  TEXT NOT NULL CHECK (json_valid(run_json))
    ) STRICT;
    CREATE TABLE fleet_run_result (
      number       INTEGER NOT NULL REFERENCES fleet_run (number) ON DELETE CASCADE,
      appliance_id TEXT NOT NULL,
      position     INTEGER NOT NULL,
      result_json  TEXT NOT NULL CHECK (json_valid(result_json)),
      PRIMARY KEY (number, appliance_id)
    ) STRICT, WITHOUT ROWID;
  `,
};
