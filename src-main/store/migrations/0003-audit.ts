import type { Migration } from '../migrate.ts';

/**
 * The triggers prevent changes of the trail by programs that respect them. The hash chain reveals changes by
 * anyone who removes the triggers.
 */
export const audit: Migration = {
  version: 3,
  name: 'audit',
  sql: `
    CREATE TABLE audit (
      seq           INTEGER PRIMARY KEY,
      at            TEXT NOT NULL,
      phase         TEXT NOT NULL CHECK (phase IN ('intent', 'outcome', 'event')),
      intent_seq    INTEGER UNIQUE REFERENCES audit (seq),
      operator      TEXT NOT NULL,
      role          TEXT NOT NULL,
      session       TEXT NOT NULL,
      event         TEXT NOT NULL,
      object        TEXT NOT NULL,
      result        TEXT NOT NULL CHECK (result IN ('pending', 'ok', 'failed')),
      error_code    TEXT,
      source        TEXT NOT NULL,
      destination   TEXT,
      command       TEXT,
      reason        TEXT,
      detail        TEXT NOT NULL,
      previous_hash TEXT NOT NULL UNIQUE,
      hash          TEXT NOT NULL UNIQUE
    ) STRICT;
    CREATE TABLE audit_head (
      id    INTEGER PRIMARY KEY CHECK (id = 1),
      count INTEGER NOT NULL,
      head  TEXT NOT NULL
    ) STRICT;
    INSERT INTO audit_head VALUES (1, 0, '');
    CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
      BEGIN SELECT RAISE (ABORT, 'the audit trail is append-only'); END;
    CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
      BEGIN SELECT RAISE (ABORT, 'the audit trail is append-only'); END;
    CREATE TRIGGER audit_head_grows BEFORE UPDATE ON audit_head WHEN NEW.count <> OLD.count + 1
      BEGIN SELECT RAISE (ABORT, 'the audit trail only grows'); END;
    CREATE TRIGGER audit_head_stays BEFORE DELETE ON audit_head
      BEGIN SELECT RAISE (ABORT, 'the audit trail only grows'); END;
  `,
};
