import Database from 'better-sqlite3';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../../src-shared/errors.ts';
import { secondMs } from '../../../src-shared/base/time.ts';
import { describeSqliteError, openDatabase, storeError } from '../../store/openDatabase.ts';
import { hashKeyBytes } from './keyedHash.ts';
import { logMigrations } from './schema.ts';

export type LogDatabase = { sqlite: Database.Database; hashKey: Buffer };

const fileName = 'logs.sqlite';
const storeRowSchema = z.object({ hash_key: z.instanceof(Buffer) });
/** What SQLite reports when the disk takes no more: a full disk, or a failed write to it. */
const fullCodes = /^SQLITE_(?:FULL|IOERR_WRITE|IOERR_FSYNC|IOERR_SHMSIZE|IOERR_TRUNCATE)$/u;

/** Errors of SQLite as LOG_STORE_FULL or STORE_FAILED. */
export function logStoreError(thrown: unknown): unknown {
  const cause = thrown instanceof AppError ? thrown.cause : thrown;
  if (cause instanceof Database.SqliteError && fullCodes.test(cause.code))
    return new AppError('LOG_STORE_FULL', `New log lines can’t be kept: ${describeSqliteError(cause)}.`, {
      detail: { sqlite: cause.code },
      cause,
    });
  return storeError(thrown);
}

export function guardLogStore<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (thrown) {
    throw logStoreError(thrown);
  }
}

function readKey(sqlite: Database.Database): Buffer {
  return storeRowSchema.parse(sqlite.prepare('SELECT hash_key FROM store').get()).hash_key;
}

/** Opens the log store of a data folder for its one writer. Throws STORE_FROM_FUTURE, LOG_STORE_FULL or STORE_FAILED. */
export function openLogDatabase(folder: string): LogDatabase {
  return guardLogStore(() => {
    const sqlite = openDatabase({
      folder,
      name: fileName,
      migrations: logMigrations,
      beforeFirstWrite: (opened) => {
        opened.pragma('page_size = 8192');
        opened.pragma('auto_vacuum = INCREMENTAL');
      },
    });
    sqlite
      .prepare('INSERT OR IGNORE INTO store (id, hash_key, next_filter) VALUES (1, ?, 0)')
      .run(randomBytes(hashKeyBytes));
    return { sqlite, hashKey: readKey(sqlite) };
  });
}

/** Opens an existing log store to search it, beside its writer. */
export function openLogReader(folder: string): LogDatabase {
  return guardLogStore(() => {
    const sqlite = new Database(join(folder, fileName), { readonly: true, timeout: 10 * secondMs });
    return { sqlite, hashKey: readKey(sqlite) };
  });
}
