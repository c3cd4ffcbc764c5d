import type { Migration } from '../migrate.ts';

export const settings: Migration = {
  version: 4,
  name: 'settings',
  sql: `
    CREATE TABLE setting (
      key        TEXT NOT NULL PRIMARY KEY,
      value_json TEXT NOT NULL CHECK (json_valid(value_json))
    ) STRICT;
  `,
};
