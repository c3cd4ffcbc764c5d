import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../../src-shared/errors.ts';
import { readConfiguration } from '../../../src-shared/model/configuration/configurationYaml.ts';
import type { Appliance } from '../appliance.ts';
import { readConfigurationFile } from '../configuration/configurationFile.ts';
import type { AccountsDatabase } from './accountsDatabase.ts';
import type { PostgresSettings } from './postgresDatabase.ts';

const textSchema = z.union([z.string(), z.number()]).transform(String);
/** The keys of the configuration that name a database **[doc]**. */
const settingsSchema = z.object({
  name: textSchema.pipe(z.string().min(1)),
  user: textSchema.pipe(z.string().min(1)).default('kloudless'),
  password: textSchema.nullish(),
  host: textSchema.pipe(z.string().min(1)).default('localhost'),
  port: z.coerce.number().int().min(1).max(65_535).default(5432),
});

/** The external services that the configuration names **[doc]**. */
export type ExternalServices = { database: PostgresSettings | null; hasRedis: boolean };

const noServices: ExternalServices = { database: null, hasRedis: false };

/** Absent, null and empty values name nothing. */
const namesService = (value: unknown) =>
  value !== undefined && value !== null && value !== '' && value !== false;

/**
 * Reads which database and Redis the configuration names. Throws COMMAND_FAILED for a configuration that can't be read, so
 * that no count comes from the wrong database. Messages quote no value.
 */
export function readExternalServices(appliance: Appliance): ExternalServices {
  const file = readConfigurationFile(appliance);
  if (file === null) return noServices;
  const { document, isBroken, problems } = readConfiguration(file.text);
  if (isBroken)
    throw new AppError(
      'COMMAND_FAILED',
      `${file.path} can’t be used: ${problems[0]?.message ?? 'it is no YAML'}`,
    );
  const parsed = z.looseObject({}).safeParse(document.toJS({ maxAliasCount: 0 }));
  if (!parsed.success) return noServices;
  const { db, redis } = parsed.data;
  const hasRedis = namesService(redis);
  if (!namesService(db)) return { database: null, hasRedis };
  const settings = settingsSchema.safeParse(db);
  if (settings.success)
    return {
      database: { ...settings.data, database: settings.data.name, password: settings.data.password ?? null },
      hasRedis,
    };
  const field = settings.error.issues[0]?.path.join('.') ?? '';
  throw new AppError('COMMAND_FAILED', `${file.path} names no usable database: check db.${field}`);
}

export function sqlitePath({ config }: Pick<Appliance, 'config'>): string {
  return join(config.stateFolder, 'accounts.db');
}

/** Whether there is an account database: PostgreSQL, even if it can't be reached, or the file of SQLite. */
export function hasAccounts(appliance: Appliance): boolean {
  return readExternalServices(appliance).database !== null || existsSync(sqlitePath(appliance));
}

/**
 * Runs `work` with the account database: PostgreSQL if the configuration names one, otherwise SQLite **[doc, ours]**. Throws
 * NOT_FOUND if there is no database yet, unless `isCreated`.
 */
export async function withAccounts<Result>(
  appliance: Appliance,
  { isCreated }: { isCreated: boolean },
  work: (database: AccountsDatabase) => Promise<Result>,
): Promise<Result> {
  const database = await openAccounts(appliance, isCreated);
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

async function openAccounts(appliance: Appliance, isCreated: boolean): Promise<AccountsDatabase> {
  const { database } = readExternalServices(appliance);
  if (database === null) {
    const { openSqlite } = await import('./sqliteDatabase.ts');
    return openSqlite(sqlitePath(appliance), { isCreated });
  }
  const { openPostgres } = await import('./postgresDatabase.ts');
  return openPostgres(database);
}
