import Database from 'better-sqlite3';
import { join } from 'node:path';
import { guardLogStore, logStoreError } from './database.ts';

/**
 * The right of one process to write to the log store, or to do what another `name` stands for. SQLite holds it as a lock on
 * an empty file, so that it ends with the process, however that ends. Throws STORE_FAILED or LOG_STORE_FULL.
 */
export function createWriterLock(folder: string, name = 'logs.lock') {
  const file = guardLogStore(() => new Database(join(folder, name), { timeout: 0 }));
  let isHeld = false;

  return {
    /** Whether this process may write now. Takes the right if no other process has it. */
    take: (): boolean => {
      if (isHeld) return true;
      try {
        file.exec('BEGIN EXCLUSIVE');
        isHeld = true;
      } catch (thrown) {
        if (thrown instanceof Database.SqliteError && thrown.code === 'SQLITE_BUSY') return false;
        throw logStoreError(thrown);
      }
      return true;
    },
    close: (): void => {
      file.close();
    },
  };
}
