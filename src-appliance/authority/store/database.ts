import Database from 'better-sqlite3';
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { secondMs } from '../../../src-shared/base/time.ts';
import { AppError } from '../../../src-shared/errors.ts';
import { schemaVersion, stepsFrom } from './schema.ts';

type Value = string | number | null;

/** The only access to the authority's database. Every method throws STORE_FAILED if SQLite fails. */
export type AuthorityDatabase = {
  all: <Row>(schema: z.ZodType<Row>, sql: string, ...values: Value[]) => Row[];
  first: <Row>(schema: z.ZodType<Row>, sql: string, ...values: Value[]) => Row | null;
  /** Returns the number of changed rows. */
  run: (sql: string, ...values: Value[]) => number;
  /** Runs `work` in one transaction. Its data is on the disk when this returns. */
  write: <Result>(work: () => Result) => Result;
  close: () => void;
};

function databasePath(folder: string): string {
  return join(folder, 'authority.db');
}

export function hasDatabase(folder: string): boolean {
  return existsSync(databasePath(folder));
}

function guarded<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (thrown) {
    if (!(thrown instanceof Database.SqliteError)) throw thrown;
    throw new AppError('STORE_FAILED', `The authority’s data could not be used: ${thrown.message}.`, {
      detail: { sqlite: thrown.code },
      cause: thrown,
    });
  }
}

/** Creates the tables, or brings them to this version. Throws STORE_FROM_FUTURE if a newer version wrote the data. */
function prepareTables(sqlite: Database.Database): void {
  const found = z.int().parse(sqlite.pragma('user_version', { simple: true }));
  if (found > schemaVersion)
    throw new AppError(
      'STORE_FROM_FUTURE',
      `The authority’s data was written by a newer version (format ${found}; this one knows ${schemaVersion}). Use the newer one.`,
      { detail: { found, newest: schemaVersion } },
    );
  if (found === schemaVersion) return;
  sqlite.exec(stepsFrom[found] ?? '');
  sqlite.pragma(`user_version = ${schemaVersion}`);
}

function openSqlite(folder: string): Database.Database {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
  } catch (cause) {
    throw new AppError('STORE_FAILED', `The folder ${folder} can’t be used.`, { cause });
  }
  // The umask restricts access to all files that SQLite creates, including its WAL files.
  const umask = process.umask(0o077);
  try {
    const sqlite = new Database(databasePath(folder), { timeout: 10 * secondMs });
    try {
      sqlite.pragma('journal_mode = WAL');
      sqlite.pragma('synchronous = FULL');
      sqlite.pragma('foreign_keys = ON');
      sqlite.transaction(() => prepareTables(sqlite)).immediate();
      return sqlite;
    } catch (thrown) {
      sqlite.close();
      throw thrown;
    }
  } finally {
    process.umask(umask);
  }
}

/** Opens the database in `folder` (0700) and creates it if needed. Throws STORE_FAILED or STORE_FROM_FUTURE. */
export function openDatabase(folder: string): AuthorityDatabase {
  const sqlite = guarded(() => openSqlite(folder));
  return {
    all: (schema, sql, ...values) => guarded(() => z.array(schema).parse(sqlite.prepare(sql).all(...values))),
    first: (schema, sql, ...values) =>
      guarded(() => {
        const row = sqlite.prepare(sql).get(...values);
        return row === undefined ? null : schema.parse(row);
      }),
    run: (sql, ...values) => guarded(() => sqlite.prepare(sql).run(...values).changes),
    write: (work) => guarded(() => sqlite.transaction(work).immediate()),
    close: () => sqlite.close(),
  };
}
