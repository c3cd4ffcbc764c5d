import type Database from 'better-sqlite3';
import { existsSync } from 'node:fs';
import { z } from 'zod';
import { AppError } from '../../src-shared/errors.ts';

/** The schema version is stored as SQLite's `user_version`. Versions are 1, 2, 3, … without gaps. */
export type Migration = { version: number; name: string; sql: string };

const versionSchema = z.int().nonnegative();

export function storeVersion(sqlite: Database.Database): number {
  return versionSchema.parse(sqlite.pragma('user_version', { simple: true }));
}

/**
 * Runs the migrations that the database does not have yet, each in its own transaction. Before that, copies a
 * database with data to `store.db.v<old>.backup`. Throws STORE_FROM_FUTURE if a newer Sallyport wrote it.
 */
export function migrate(options: {
  sqlite: Database.Database;
  path: string;
  migrations: readonly Migration[];
}): void {
  const { sqlite, migrations } = options;
  const newest = migrations.at(-1)?.version ?? 0;
  const refuseFuture = (version: number) => {
    if (version > newest) {
      throw new AppError(
        'STORE_FROM_FUTURE',
        `The data was written by a newer Sallyport (format ${version}; this one knows ${newest}). Use the newer one, or another --data folder.`,
        { detail: { found: version, newest } },
      );
    }
  };
  const before = storeVersion(sqlite);
  refuseFuture(before);
  if (before === newest) return;
  const backup = `${options.path}.v${before}.backup`;
  if (before > 0 && !existsSync(backup)) sqlite.prepare('VACUUM INTO ?').run(backup);
  for (const migration of migrations) {
    sqlite
      .transaction(() => {
        // Read the version again, because another process may have migrated while this one waited for the
        // lock.
        const now = storeVersion(sqlite);
        refuseFuture(now);
        if (now >= migration.version) return;
        sqlite.exec(migration.sql);
        sqlite.pragma(`user_version = ${migration.version}`);
      })
      .immediate();
  }
}
