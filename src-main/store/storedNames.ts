import Database from 'better-sqlite3';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isPlainLine } from '../../src-shared/base/machineText.ts';

/** The user waits for the names at each press of the Tab key **[ours]**. */
const maxWaitMs = 200;
const maxNames = 5000;

/** Runs one query that returns texts. Empty if there is no store, or if this version can't read it. */
function readTexts(folder: string, sql: string, parameters: readonly string[]): string[] {
  const path = join(folder, 'store.db');
  if (!existsSync(path)) return [];
  try {
    const sqlite = new Database(path, { readonly: true, fileMustExist: true, timeout: maxWaitMs });
    try {
      const statement = sqlite.prepare(`${sql} LIMIT ${maxNames}`).pluck();
      return statement.all(...parameters).flatMap((text) => (isName(text) ? [text] : []));
    } finally {
      sqlite.close();
    }
  } catch {
    return [];
  }
}

const isName = (value: unknown): value is string => typeof value === 'string' && isPlainLine(value);

/**
 * Names in the data folder `folder`, for completion: sorted, at most 5000. Opens the store only to read, without creating
 * or migrating it, starts no service, and never throws.
 */
export const storedNames = {
  appliances: (folder: string): string[] => readTexts(folder, 'SELECT name FROM appliance ORDER BY name', []),
  credentials: (folder: string): string[] =>
    readTexts(folder, 'SELECT name FROM credential ORDER BY name', []),
  /** The last known tenants of an appliance. */
  tenants: (folder: string, appliance: string): string[] =>
    readTexts(
      folder,
      `SELECT DISTINCT json_extract(tenant.value, '$.clientId') AS client_id
      FROM appliance
      JOIN observation ON observation.appliance_id = appliance.id AND observation.kind = 'remoteNetworks'
      JOIN json_each(observation.value_json, '$.tenants') AS tenant
      WHERE appliance.name = ? ORDER BY client_id`,
      [appliance],
    ),
};
