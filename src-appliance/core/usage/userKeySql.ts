import { z } from 'zod';
import { maxNameLength } from '../../../src-shared/model/usage/usageReport.ts';
import type { AccountsDialect, SqlReader } from '../accounts/accountsDatabase.ts';

/** The key of a text that SQL can't spell like reports do. No other key begins with a space. */
export const oddKey = ' ';

/** SQL of a key for the text of a column. */
export type UserKey = (column: string) => string;

const keyOf = (column: string, { characters, trimmed }: { characters: string; trimmed: string }) =>
  `CASE WHEN ${column} IS NULL THEN '' WHEN octet_length(${column}) BETWEEN 1 AND ${maxNameLength} AND ${characters} = octet_length(${column}) THEN lower(${trimmed}) ELSE '${oddKey}' END`;

/**
 * SQL for a text in the spelling that reports hash, so that SQL tells end users apart: '' without a text, and `oddKey` if only
 * JavaScript can spell it, because it is not ASCII, or if no name can be so. The indexes have these expressions, so a change
 * of them needs a migration.
 */
export const userKeySql: Record<AccountsDialect, UserKey> = {
  // It counts characters up to the first NUL, which makes such a text odd.
  sqlite: (column) =>
    keyOf(column, {
      characters: `length(${column})`,
      trimmed: `trim(${column}, char(9, 10, 11, 12, 13, 32))`,
    }),
  postgres: (column) =>
    keyOf(column, {
      characters: `char_length(${column})`,
      trimmed: String.raw`btrim(${column}, E' \t\n\x0b\f\r')`,
    }),
};

/** Whether SQL can't spell the user name or the user domain of an account. */
export const isOddSql = (key: UserKey, alias = ''): string =>
  `(${key(`${alias}user_name`)} = '${oddKey}' OR ${key(`${alias}user_domain`)} = '${oddKey}')`;

const encodingSchema = z.object({ name: z.string() });

/** The key for this database. If its texts are not UTF-8, their bytes don't tell what is ASCII, so all of them are odd. */
export async function chooseUserKey(reader: SqlReader, dialect: AccountsDialect): Promise<UserKey> {
  if (dialect === 'sqlite') return userKeySql.sqlite;
  const [encoding] = await reader.all(encodingSchema, `SELECT current_setting('server_encoding') AS name`);
  if (encoding?.name === 'UTF8') return userKeySql.postgres;
  return (column) => `CASE WHEN ${column} IS NULL THEN '' ELSE '${oddKey}' END`;
}
