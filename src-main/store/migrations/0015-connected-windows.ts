import type { Migration } from '../migrate.ts';

/** Stores the connected windows that are open, so that another console can say what became of one whose console ended. */
export const connectedWindows: Migration = {
  version: 15,
  name: 'connected-windows',
  sql: `
    CREATE TABLE connected_window (
      appliance_id TEXT NOT NULL PRIMARY KEY REFERENCES appliance (id) ON DELETE CASCADE,
      owner        TEXT NOT NULL,
      owner_pid    INTEGER NOT NULL,
      state        TEXT NOT NULL CHECK (state IN ('open', 'interrupted', 'settled')),
      window_json  TEXT NOT NULL CHECK (json_valid(window_json))
    ) STRICT, WITHOUT ROWID;
  `,
};
