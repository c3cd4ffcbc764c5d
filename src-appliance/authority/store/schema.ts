export const schemaVersion = 2;

const appendOnly = (table: string) => `
CREATE TRIGGER ${table}_is_not_changed BEFORE UPDATE ON ${table} BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END;
CREATE TRIGGER ${table}_is_not_deleted BEFORE DELETE ON ${table} BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END;`;

/** Reports as they were received, and statements with their acknowledgements. `number`: null for a report without a statement. */
const usageTables = `
CREATE TABLE usageReport (
  applianceId TEXT NOT NULL REFERENCES appliance (id),
  receivedAt TEXT NOT NULL,
  kind TEXT NOT NULL,
  month TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  accounts INTEGER,
  internal INTEGER,
  content TEXT NOT NULL,
  number INTEGER,
  manifest TEXT,
  acknowledgement TEXT,
  UNIQUE (applianceId, number)
) STRICT;
CREATE INDEX usageReportTime ON usageReport (receivedAt);

CREATE TABLE usageStatement (
  applianceId TEXT NOT NULL REFERENCES appliance (id),
  number INTEGER NOT NULL,
  PRIMARY KEY (applianceId, number)
) STRICT;`;

/** From version 1, whose reports had another form and were never sent by an appliance. */
export const fromVersion1 = `DROP TABLE usageReport;${usageTables}`;

/**
 * The tables. Times are ISO 8601 text. SQLite itself holds the rules that must never break: one key signs, sequences
 * only grow, and what was issued or logged stays.
 */
export const schemaSql = `
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
