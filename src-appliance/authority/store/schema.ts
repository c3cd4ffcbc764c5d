export const schemaVersion = 3;

const appendOnly = (table: string) => `
CREATE TRIGGER ${table}_is_not_changed BEFORE UPDATE ON ${table} BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END;
CREATE TRIGGER ${table}_is_not_deleted BEFORE DELETE ON ${table} BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END;`;

/**
 * Each report once, as it was received, and statements with their acknowledgements. Only the number of a statement stays
 * when the rest is deleted.
 */
const usageTables = `
CREATE TABLE usageReport (
  applianceId TEXT NOT NULL REFERENCES appliance (id),
  sha256 TEXT NOT NULL,
  receivedAt TEXT NOT NULL,
  kind TEXT NOT NULL,
  month TEXT NOT NULL,
  accounts INTEGER,
  internal INTEGER,
  bytes INTEGER NOT NULL,
  content TEXT NOT NULL,
  PRIMARY KEY (applianceId, sha256)
) STRICT;
CREATE INDEX usageReportTime ON usageReport (receivedAt);

CREATE TABLE usageStatement (
  applianceId TEXT NOT NULL REFERENCES appliance (id),
  number INTEGER NOT NULL,
  receivedAt TEXT,
  sha256 TEXT,
  manifest TEXT,
  acknowledgement TEXT,
  PRIMARY KEY (applianceId, number)
) STRICT;
CREATE INDEX usageStatementTime ON usageStatement (receivedAt) WHERE manifest IS NOT NULL;`;

/** From version 1, whose reports had another form and were never sent by an appliance. */
const fromVersion1 = `DROP TABLE usageReport;${usageTables}`;

/** From version 2, which kept a report as often as it was received. */
const fromVersion2 = `
DROP INDEX usageReportTime;
ALTER TABLE usageReport RENAME TO oldReport;
ALTER TABLE usageStatement RENAME TO oldStatement;
${usageTables}
INSERT OR IGNORE INTO usageReport (applianceId, sha256, receivedAt, kind, month, accounts, internal, bytes, content)
  SELECT applianceId, sha256, receivedAt, kind, month, accounts, internal, length(CAST(content AS BLOB)), content
  FROM oldReport ORDER BY rowid;
INSERT INTO usageStatement (applianceId, number, receivedAt, sha256, manifest, acknowledgement)
  SELECT s.applianceId, s.number, r.receivedAt, r.sha256, r.manifest, r.acknowledgement
  FROM oldStatement s LEFT JOIN oldReport r ON r.applianceId = s.applianceId AND r.number = s.number ORDER BY s.rowid;
DROP TABLE oldReport;
DROP TABLE oldStatement;`;

/**
 * The tables. Times are ISO 8601 text. SQLite itself holds the rules that must never break: one key signs, sequences
 * only grow, and what was issued or logged stays.
 */
const schemaSql = `
CREATE TABLE signingKey (
  id TEXT PRIMARY KEY,
  x TEXT NOT NULL UNIQUE,
  createdAt TEXT NOT NULL,
  signsSince TEXT,
  replacedAt TEXT,
  retiredAt TEXT,
  CHECK (replacedAt IS NULL OR signsSince IS NOT NULL)
) STRICT;
CREATE UNIQUE INDEX oneKeySigns ON signingKey ((1)) WHERE signsSince IS NOT NULL AND replacedAt IS NULL;

CREATE TABLE appliance (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  licenceKey TEXT NOT NULL UNIQUE,
  contract TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  identity TEXT,
  identityPinnedAt TEXT,
  revokedAt TEXT,
  createdAt TEXT NOT NULL
) STRICT;
CREATE TRIGGER sequenceGrows BEFORE UPDATE OF sequence ON appliance WHEN new.sequence < old.sequence
BEGIN SELECT RAISE(ABORT, 'a sequence only grows'); END;

CREATE TABLE revision (
  applianceId TEXT NOT NULL REFERENCES appliance (id),
  revision INTEGER NOT NULL,
  settings TEXT NOT NULL,
  createdAt TEXT NOT NULL,
  PRIMARY KEY (applianceId, revision)
) STRICT;

CREATE TABLE licence (
  id TEXT PRIMARY KEY,
  applianceId TEXT NOT NULL REFERENCES appliance (id),
  sequence INTEGER NOT NULL,
  document TEXT NOT NULL,
  issuedAt TEXT NOT NULL,
  UNIQUE (applianceId, sequence)
) STRICT;

CREATE TABLE request (
  id TEXT PRIMARY KEY,
  applianceId TEXT NOT NULL REFERENCES appliance (id),
  number INTEGER NOT NULL,
  nonce TEXT NOT NULL,
  document TEXT NOT NULL,
  answeredAt TEXT NOT NULL,
  licenceId TEXT NOT NULL UNIQUE REFERENCES licence (id)
) STRICT;

CREATE TABLE receipt (
  id TEXT PRIMARY KEY,
  applianceId TEXT NOT NULL REFERENCES appliance (id),
  licenceId TEXT NOT NULL,
  document TEXT NOT NULL,
  receivedAt TEXT NOT NULL
) STRICT;

CREATE TABLE ping (
  applianceId TEXT NOT NULL REFERENCES appliance (id),
  receivedAt TEXT NOT NULL,
  content TEXT NOT NULL
) STRICT;
CREATE INDEX pingTime ON ping (applianceId, receivedAt);

${usageTables}

CREATE TABLE log (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  action TEXT NOT NULL,
  applianceId TEXT,
  detail TEXT NOT NULL
) STRICT;
${['licence', 'request', 'receipt', 'revision', 'log'].map(appendOnly).join('')}
`;

/** What brings the tables of an earlier version to this one. Version 0 is an empty database. */
export const stepsFrom: Readonly<Record<number, string>> = {
  0: schemaSql,
  1: fromVersion1,
  2: fromVersion2,
};
