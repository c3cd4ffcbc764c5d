import Database from 'better-sqlite3';
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../src-shared/errors.ts';
import { secondMs } from '../../src-shared/base/time.ts';
import { migrate, type Migration } from './migrate.ts';

const fullCodes: ReadonlySet<string> = new Set(['SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE']);

/** Why SQLite failed, for a message. Of a full disk it says “disk I/O error” if its shared memory has no room. */
export const describeSqliteError = ({ code, message }: InstanceType<typeof Database.SqliteError>): string =>
  fullCodes.has(code) ? 'the disk is full' : message;

/** An error of SQLite as STORE_FAILED; anything else unchanged. */
export function storeError(thrown: unknown): unknown {
  if (!(thrown instanceof Database.SqliteError)) return thrown;
  return new AppError('STORE_FAILED', `The data folder could not be used: ${describeSqliteError(thrown)}`, {
    detail: { sqlite: thrown.code },
    cause: thrown,
  });
}

/**
 * Opens a database in the data folder in WAL mode, readable by this user alone. Creates or migrates it if needed.
 * `beforeFirstWrite` sets what can't be changed once there are pages. Throws STORE_FROM_FUTURE or STORE_FAILED.
 */
export function openDatabase(options: {
  folder: string;
  name: string;
  migrations: readonly Migration[];
  beforeFirstWrite?: (sqlite: Database.Database) => void;
}): Database.Database {
  const { folder, migrations } = options;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : 'unknown reason';
    throw new AppError('STORE_FAILED', `The data folder ${folder} can’t be created: ${why}`, {
      cause: thrown,
    });
  }
  const path = join(folder, options.name);
  // The umask restricts access to all files that SQLite creates, including its WAL files.
  const umask = process.umask(0o077);
  try {
    const sqlite = new Database(path, { timeout: 10 * secondMs });
    try {
      options.beforeFirstWrite?.(sqlite);
      sqlite.pragma('journal_mode = WAL');
      sqlite.pragma('synchronous = NORMAL');
      sqlite.pragma('foreign_keys = ON');
      migrate({ sqlite, path, migrations });
    } catch (thrown) {
      sqlite.close();
      throw thrown;
    }
    for (const file of [path, `${path}-wal`, `${path}-shm`]) if (existsSync(file)) chmodSync(file, 0o600);
    return sqlite;
  } catch (thrown) {
    throw storeError(thrown);
  } finally {
    process.umask(umask);
  }
}
