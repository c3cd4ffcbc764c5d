import type { Migration } from '../../store/migrate.ts';

/*
 * A source is one generation of a log file on an appliance. Its kept lines stand in `block`, then in `tail`, without a hole
 * that `gap` or `pruned_line` does not explain. Times are epoch milliseconds. A line's lasting address is its source and
 * number. `filter` has the filters of blocks until 64 of them are turned into `slice`.
 */
const first: Migration = {
  version: 1,
  name: 'log-store',
  sql: `
    CREATE TABLE store (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      hash_key BLOB NOT NULL,
      next_filter INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE source (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      appliance TEXT NOT NULL,
      -- Its name for the follower, and all that the follower knows of it, as JSON.
      name TEXT NOT NULL,
      facts TEXT NOT NULL,
      -- Of lines of the same time, those of a smaller rank come first.
      rank REAL NOT NULL,
      -- Where reading continues, in bytes of the uncompressed file.
      off INTEGER NOT NULL DEFAULT 0,
      -- The number of the next line.
      line INTEGER NOT NULL DEFAULT 0,
      last_sort REAL,
      -- Whether the last line has no newline yet.
      is_open_line INTEGER NOT NULL DEFAULT 0,
      is_ended INTEGER NOT NULL DEFAULT 0,
      pruned_line INTEGER NOT NULL DEFAULT 0,
      pruned_sort REAL
    ) STRICT;
    CREATE UNIQUE INDEX source_name ON source (appliance, name);
    CREATE TABLE tail (
      id INTEGER PRIMARY KEY,
      src INTEGER NOT NULL REFERENCES source (id),
      line0 INTEGER NOT NULL,
      n INTEGER NOT NULL,
      off0 INTEGER NOT NULL,
      cols BLOB NOT NULL,
      txt BLOB NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX tail_source ON tail (src, line0);
    CREATE TABLE block (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      appliance TEXT NOT NULL,
      src INTEGER NOT NULL REFERENCES source (id),
      line0 INTEGER NOT NULL,
      n INTEGER NOT NULL,
      off0 INTEGER NOT NULL,
      rank REAL NOT NULL,
      sort0 REAL NOT NULL,
      sort1 REAL NOT NULL,
      t0 REAL NOT NULL,
      t1 REAL NOT NULL,
      sev INTEGER NOT NULL,
      text_bytes INTEGER NOT NULL,
      kept_bytes INTEGER NOT NULL,
      body_codec INTEGER NOT NULL,
      cols_codec INTEGER NOT NULL,
      -- The number of its filter; null if it is a candidate for each query.
      filter INTEGER UNIQUE
    ) STRICT;
    CREATE UNIQUE INDEX block_source ON block (src, line0);
    CREATE INDEX block_order ON block (sort1, rank, src, line0);
    CREATE INDEX block_start ON block (sort0, rank, src, line0);
    CREATE INDEX block_appliance ON block (appliance, sort1);
    CREATE TABLE body (id INTEGER PRIMARY KEY, z BLOB NOT NULL) STRICT;
    CREATE TABLE cols (id INTEGER PRIMARY KEY, z BLOB NOT NULL) STRICT;
    CREATE TABLE word_count (id INTEGER PRIMARY KEY, counts BLOB NOT NULL) STRICT;
    CREATE TABLE filter (n INTEGER PRIMARY KEY, bloom BLOB NOT NULL) STRICT;
    CREATE TABLE slice (id INTEGER PRIMARY KEY, bits BLOB NOT NULL) STRICT;
    CREATE TABLE gap (
      appliance TEXT NOT NULL,
      name TEXT NOT NULL,
      -- Null if the gap is in no known file; it is then behind all sources of a smaller rank.
      src INTEGER REFERENCES source (id),
      rank REAL NOT NULL,
      -- The gap is before this line of the source.
      line INTEGER NOT NULL,
      gap TEXT NOT NULL,
      PRIMARY KEY (appliance, name)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX gap_source ON gap (src, line);
  `,
};

export const logMigrations: readonly Migration[] = [first];
