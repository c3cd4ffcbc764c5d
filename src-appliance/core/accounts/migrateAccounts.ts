import { z } from 'zod';
import { AppError } from '../../../src-shared/errors.ts';
import type { AccountsDatabase, SqlReader, SqlWriter } from './accountsDatabase.ts';
import {
  accountColumns,
  accountMigrations,
  columnsSql,
  migrationTable,
  migrationTableSql,
} from './accountsSchema.ts';

const newest = accountMigrations.length;
const columnSchema = z.object({ tab: z.string(), col: z.string() });

type Schema = { version: number; columns: ReadonlySet<string> };

async function readSchema(database: AccountsDatabase, reader: SqlReader): Promise<Schema> {
  const found = await reader.all(columnSchema, columnsSql[database.dialect]);
  const columns = new Set(found.map(({ tab, col }) => `${tab}.${col}`));
  if (!columns.has(`${migrationTable}.number`)) return { version: 0, columns };
  const rows = await reader.all(z.object({ number: z.int() }), `SELECT number FROM ${migrationTable}`);
  return { version: Math.max(0, ...rows.map(({ number }) => number)), columns };
}

const allColumns = Object.entries(accountColumns).flatMap(([table, columns]) =>
  columns.map((column) => `${table}.${column}`),
);

function unusable(database: AccountsDatabase, reason: string): AppError {
  return new AppError('DATABASE_UNUSABLE', `${database.place} can’t be used: ${reason}`);
}

function refuseNewer(database: AccountsDatabase, { version }: Schema): void {
  if (version > newest)
    throw unusable(
      database,
      `its tables are of version ${version}, and this kit knows ${newest}; update the kit`,
    );
}

function refuseIncomplete(database: AccountsDatabase, { columns }: Schema): void {
  const missing = allColumns.find((column) => !columns.has(column));
  if (missing === undefined) return;
  const hint = 'restore a backup; nothing was counted';
  throw unusable(
    database,
    `its tables are incomplete, as after an interrupted copy: ${missing} is missing; ${hint}`,
  );
}

/** Throws DATABASE_UNUSABLE unless the tables are exactly those of this kit, because a count of others would be wrong. */
export async function requireAccountTables(database: AccountsDatabase, reader: SqlReader): Promise<void> {
  const schema = await readSchema(database, reader);
  refuseNewer(database, schema);
  if (schema.version < newest) {
    const has =
      schema.version === 0 ? 'it has no account tables yet' : `its tables are of version ${schema.version}`;
    throw unusable(database, `${has}; run ke_manage_accounts init`);
  }
  refuseIncomplete(database, schema);
}

/** Tables without a record of a migration belong to another program, or are what an interrupted copy left. */
function refuseForeignTables(database: AccountsDatabase, { version, columns }: Schema): void {
  const foreign = version === 0 ? allColumns.find((column) => columns.has(column)) : undefined;
  if (foreign === undefined) return;
  const [table] = foreign.split('.');
  throw unusable(
    database,
    `it has a table ${table} of unknown origin; use an empty database, or restore a backup`,
  );
}

async function migrate(database: AccountsDatabase, writer: SqlWriter, now: number): Promise<number> {
  const schema = await readSchema(database, writer);
  refuseNewer(database, schema);
  refuseForeignTables(database, schema);
  await writer.script(migrationTableSql(database.dialect));
  for (let number = schema.version + 1; number <= newest; number += 1) {
    const migration = accountMigrations[number - 1];
    if (migration === undefined) throw new Error(`there is no migration ${number}`);
    await writer.script(migration(database.dialect));
    await writer.run(`INSERT INTO ${migrationTable} (number, ran_at) VALUES (?, ?)`, number, now);
  }
  refuseIncomplete(database, await readSchema(database, writer));
  return newest - schema.version;
}

/**
 * Makes the tables, or brings them to the newest version, in one transaction. Resolves with the number of migrations that
 * ran. Throws DATABASE_UNUSABLE for tables of a newer kit or of another program.
 */
export function migrateAccounts(database: AccountsDatabase, now: number): Promise<number> {
  return database.write((writer) => migrate(database, writer, now));
}
