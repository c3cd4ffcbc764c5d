import { chmodSync, existsSync } from 'node:fs';
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { z } from 'zod';
import { secondMs } from '../../../src-shared/base/time.ts';
import { AppError } from '../../../src-shared/errors.ts';
import {
  batchRows,
  databaseError,
  type AccountsDatabase,
  type SqlReader,
  type SqlWriter,
} from './accountsDatabase.ts';

const busyTimeoutMs = 10 * secondMs;

/** What differs between versions of Node. */
type SqliteModule = {
  DatabaseSync: new (path: string) => { isTransaction?: boolean; close: () => void };
  StatementSync: { prototype: object };
};

function unsuitable(cause?: unknown): AppError {
  const reason = `Node ${process.version} has no suitable SQLite, which needs Node 22.16, or 24; install the kit with its own Node, or configure PostgreSQL`;
  return new AppError('DATABASE_UNUSABLE', reason, { cause });
}

/** Node 22.16 and 24.0 added these two and `timeout` together; without `timeout`, a busy database would fail at once. */
function isSuitable({ DatabaseSync, StatementSync }: SqliteModule): boolean {
  const probe = new DatabaseSync(':memory:');
  try {
    return 'setReturnArrays' in StatementSync.prototype && typeof probe.isTransaction === 'boolean';
  } finally {
    probe.close();
  }
}

/** Loads SQLite of Node at its first use, because PostgreSQL needs none. Throws DATABASE_UNUSABLE if Node is too old for it. */
export async function loadSqlite<Module extends SqliteModule>(load: () => Promise<Module>): Promise<Module> {
  const loaded = await load().catch((cause: unknown) => {
    throw unsuitable(cause);
  });
  if (!isSuitable(loaded)) throw unsuitable();
  return loaded;
}

function* inBatches(rows: Iterable<unknown>): Generator<unknown[][]> {
  let batch: unknown[][] = [];
  for (const row of rows) {
    batch.push(Array.isArray(row) ? row : []);
    if (batch.length < batchRows) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function makeWriter(sqlite: DatabaseSync, place: string): SqlWriter {
  const guarded = async <Result>(work: () => Result): Promise<Result> => {
    try {
      return work();
    } catch (cause) {
      throw databaseError(place, cause);
    }
  };
  return {
    all: (schema, sql, ...values) => guarded(() => z.array(schema).parse(sqlite.prepare(sql).all(...values))),
    stream: async function* (sql: string, ...values: SQLInputValue[]) {
      try {
        const statement = sqlite.prepare(sql);
        statement.setReturnArrays(true);
        yield* inBatches(statement.iterate(...values));
      } catch (cause) {
        throw databaseError(place, cause);
      }
    },
    run: (sql, ...values) => guarded(() => Number(sqlite.prepare(sql).run(...values).changes)),
    script: (sql) => guarded(() => sqlite.exec(sql)),
  };
}

/**
 * The database in one file, which only root may read. With `isCreated`, makes the file; otherwise rejects with NOT_FOUND if
 * there is none.
 */
export async function openSqlite(
  path: string,
  { isCreated }: { isCreated: boolean },
): Promise<AccountsDatabase> {
  if (!isCreated && !existsSync(path))
    throw new AppError(
      'NOT_FOUND',
      `there is no account database ${path}; make it with ke_manage_accounts init`,
    );
  const { DatabaseSync } = await loadSqlite(() => import('node:sqlite'));
  // The umask restricts access to all files that SQLite creates, including its WAL files.
  const umask = process.umask(0o077);
  try {
    const sqlite = new DatabaseSync(path, { timeout: busyTimeoutMs });
    chmodSync(path, 0o600);
    sqlite.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');
    const writer = makeWriter(sqlite, path);
    const transact = async <Result>(
      { begin, end }: { begin: string; end: 'COMMIT' | 'ROLLBACK' },
      work: () => Promise<Result>,
    ): Promise<Result> => {
      await writer.script(begin);
      try {
        const result = await work();
        await writer.script(end);
        return result;
      } catch (error) {
        if (sqlite.isTransaction) sqlite.exec('ROLLBACK');
        throw error;
      }
    };
    return {
      dialect: 'sqlite',
      place: path,
      read: async (work) => {
        await writer.script('PRAGMA query_only = ON');
        const reader: SqlReader = writer;
        return transact({ begin: 'BEGIN', end: 'COMMIT' }, () => work(reader)).finally(() =>
          sqlite.exec('PRAGMA query_only = OFF'),
        );
      },
      write: (work, { isRehearsal = false } = {}) =>
        transact({ begin: 'BEGIN IMMEDIATE', end: isRehearsal ? 'ROLLBACK' : 'COMMIT' }, () => work(writer)),
      close: async () => sqlite.close(),
    };
  } catch (cause) {
    throw databaseError(path, cause);
  } finally {
    process.umask(umask);
  }
}
