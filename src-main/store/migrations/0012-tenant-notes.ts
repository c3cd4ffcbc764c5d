import type { Migration } from '../migrate.ts';

/** Stores a contact and a note for each tenant. They are deleted with their appliance. */
export const tenantNotes: Migration = {
  version: 12,
  name: 'tenant-notes',
  sql: `
    CREATE TABLE tenant_note (
      appliance_id TEXT NOT NULL REFERENCES appliance (id) ON DELETE CASCADE,
      client_id    TEXT NOT NULL,
      note_json    TEXT NOT NULL CHECK (json_valid(note_json)),
      changed_at   TEXT NOT NULL,
      changed_by   TEXT NOT NULL,
      PRIMARY KEY (appliance_id, client_id)
    ) STRICT, WITHOUT ROWID;
  `,
};
