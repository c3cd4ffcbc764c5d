import { z } from 'zod';
import type { AccountsDialect, SqlValue } from '../accounts/accountsDatabase.ts';
import { databaseError } from '../accounts/accountsDatabase.ts';
import { kindColumns, spread, type Counting } from './countKinds.ts';
import { kindCount } from './userCounts.ts';
import { oddKey } from './userKeySql.ts';

/** The kinds of a user's accounts on so many connectors fit into a number: it has 53 bits. */
const connectorsOfWord = 6;

/** A bit for each kind, in the order of the connectors. */
const setValues = 2 ** kindCount;

/** The first connector ID of each word, whose IDs follow one another. */
function wordStarts(ids: readonly number[]): number[] {
  const starts: number[] = [];
  for (const id of ids.toSorted((a, b) => a - b)) {
    const last = starts.at(-1);
    if (last === undefined || id >= last + connectorsOfWord) starts.push(id);
  }
  return starts;
}

/** All bits of a group. SQLite has no such function, but a sum of different bits is the same. */
const allBits: Record<AccountsDialect, (bit: string) => string> = {
  sqlite: (bit) => `SUM(DISTINCT ${bit})`,
  postgres: (bit) => `BIT_OR(${bit})`,
};

const countSchema = z.int().nonnegative();
const wordSchema = z.int().nonnegative();

/** SQL for the users whose names SQL can spell, each with the kinds of their accounts on all connectors in words `w0`, `w1`… */
function plainUsersSql({ source, view, to, key, connectors }: Counting) {
  const columns = kindColumns(view);
  const starts = wordStarts(connectors.map(({ id }) => id));
  const words = starts.map((start, at) => {
    const shift = `CAST((c - ${start}) * ${kindCount} + m * 4 + i * 2 + v AS INTEGER)`;
    const bit = `CASE WHEN c BETWEEN ${start} AND ${start + connectorsOfWord - 1} THEN CAST(1 AS BIGINT) << ${shift} END`;
    return `COALESCE(${allBits[source.dialect](bit)}, 0) AS w${at}`;
  });
  const rows = (
    where: string,
  ) => `SELECT ${columns.sql}, ${key('a.user_name')} AS n, ${key('a.user_domain')} AS d
    FROM account a WHERE a.connected_at < ?${where}`;
  const names = starts.map((_, at) => `w${at}`).join(', ');
  return {
    starts,
    names,
    values: spread(columns.values, to),
    /** The words of each user after what is `given`, for the accounts for which `where` holds. */
    select: (given: string, where = '') =>
      `SELECT ${given}${words.join(', ')} FROM (${rows(where)}) r
       WHERE n NOT IN ('', '${oddKey}') AND d <> '${oddKey}' GROUP BY n, d`,
  };
}

/** Counts so many users who have these words: on each connector and on all of them. */
export function addWords(
  { connectors, all }: Counting,
  { starts, words, count }: { starts: readonly number[]; words: readonly number[]; count: number },
): void {
  let united = 0;
  for (const { id, counts } of connectors) {
    const at = starts.findLastIndex((start) => start <= id);
    const set = Math.floor((words[at] ?? 0) / setValues ** (id - (starts[at] ?? 0))) % setValues;
    if (set !== 0) counts.addUsers(set, count);
    united |= set;
  }
  if (united !== 0) all.addUsers(united, count);
}

/** Counts the end users whose names SQL can spell. Equal ones are grouped, so that few rows are read. */
export async function countPlainUsers(counting: Counting): Promise<void> {
  const { reader, place } = counting.source;
  const { starts, names, values, select } = plainUsersSql(counting);
  if (starts.length === 0) return;
  const rowSchema = z.array(wordSchema).length(starts.length + 1);
  const sql = `SELECT ${names}, COUNT(*) FROM (${select('')}) u GROUP BY ${names}`;
  for await (const batch of reader.stream(sql, ...values))
    for (const row of batch) {
      const parsed = rowSchema.safeParse(row);
      if (!parsed.success) throw databaseError(place, parsed.error);
      addWords(counting, { starts, words: parsed.data, count: countSchema.parse(parsed.data.at(-1)) });
    }
}

export type PlainKey = { name: string; domain: string };
const plainRowSchema = z.tuple([z.string(), z.string()]).rest(wordSchema);
/** SQLite takes at most 32,766 values in a statement. */
const keysOfQuery = 500;

/** The users whose names SQL can spell and who have these keys, with the words of their kinds. */
export async function readPlainUsers(counting: Counting, keys: readonly PlainKey[]) {
  const { reader } = counting.source;
  const { key } = counting;
  const { starts, values, select } = plainUsersSql(counting);
  const users: (PlainKey & { words: number[] })[] = [];
  for (let at = 0; at < keys.length; at += keysOfQuery) {
    const part = keys.slice(at, at + keysOfQuery);
    const where = ` AND (${key('a.user_name')}, ${key('a.user_domain')}) IN (VALUES ${part.map(() => '(?, ?)').join(', ')})`;
    const given: SqlValue[] = part.flatMap(({ name, domain }) => [name, domain]);
    for await (const batch of reader.stream(select('n, d, ', where), ...values, ...given))
      for (const row of batch) {
        const [name, domain, ...words] = plainRowSchema.parse(row);
        users.push({ name, domain, words });
      }
  }
  return { starts, users };
}
