import { z } from 'zod';
import { hashInput, type HashedField } from '../../../src-shared/model/usage/hashedFields.ts';
import { isNameText, nameTextSchema } from '../../../src-shared/model/usage/usageReport.ts';
import { databaseError } from '../accounts/accountsDatabase.ts';
import { hashAccountOf } from './accountLine.ts';
import { kindColumns, spread, type Counting } from './countKinds.ts';
import { addWords, readPlainUsers } from './countPlainUsers.ts';
import { kindCount } from './userCounts.ts';
import { createUserHash } from './userHash.ts';
import { isOddSql } from './userKeySql.ts';

const nameSchema = nameTextSchema.nullable();
const rowSchema = z.tuple([
  z.int(),
  z.int().min(0).max(1),
  z.int().min(0).max(1),
  z.int().min(0).max(1),
  z.int().positive(),
  nameSchema,
  nameSchema,
]);
const columnNames = [
  'connector_id',
  'is_admin',
  'is_internal',
  'deactivated_at',
  'id',
  'user_name',
  'user_domain',
];

/** Checks a row. Throws DATABASE_UNUSABLE, which names the column and the hash of the account. */
function readRow(row: readonly unknown[], place: string) {
  const parsed = rowSchema.safeParse(row);
  if (parsed.success) return parsed.data;
  throw databaseError(place, parsed.error, { columns: columnNames, account: hashAccountOf([row[4]]) });
}

const isAscii = /^[\0-\x7f]*$/u;
/** The key that SQL gives the text, if another spelling of it is ASCII. Null if it is not. */
function plainKey(field: HashedField, text: string | null): string | null {
  const spelled = hashInput(field, text) ?? '';
  return isAscii.test(spelled) && (spelled === '' || isNameText(spelled)) ? spelled : null;
}

type OddUser = { name: string; domain: string; sets: Map<number, number> };

/**
 * Counts the end users whose names only JavaScript can spell. Some are the same as users whom SQL counted, e.g. with a
 * no-break space behind the name, so these are counted once.
 */
export async function countOddUsers(counting: Counting): Promise<void> {
  const { source, view, to, key, connectors, all } = counting;
  const columns = kindColumns(view);
  const sql = `SELECT ${columns.sql}, a.id, a.user_name, a.user_domain FROM account a
    WHERE a.connected_at < ? AND ${isOddSql(key, 'a.')}`;
  const countsById = new Map(connectors.map(({ id, counts }) => [id, counts]));
  const hashUser = createUserHash();
  const twins = new Map<string, OddUser>();
  for await (const batch of source.reader.stream(sql, ...spread(columns.values, to)))
    for (const row of batch) {
      const [id, admin, internal, active, , userName, userDomain] = readRow(row, source.place);
      const kind = admin * 4 + internal * 2 + active;
      const counts = countsById.get(id);
      if (counts === undefined) continue;
      const [name, domain] = [plainKey('userName', userName), plainKey('userDomain', userDomain)];
      if (name === '') {
        counts.addUsers(1 << kind, 1);
        all.addUsers(1 << kind, 1);
      } else if (name !== null && domain !== null) {
        const twinKey = JSON.stringify([name, domain]);
        const twin = twins.get(twinKey) ?? { name, domain, sets: new Map() };
        twins.set(twinKey, twin);
        twin.sets.set(id, (twin.sets.get(id) ?? 0) | (1 << kind));
      } else {
        const user = hashUser(userName, userDomain);
        if (user === null) continue;
        counts.addHashed(user, kind);
        all.addHashed(user, kind);
      }
    }
  await addTwins(counting, [...twins.values()]);
}

/** Counts each user once who has accounts with names of both sorts. */
async function addTwins(counting: Counting, twins: readonly OddUser[]): Promise<void> {
  const { starts, users } = await readPlainUsers(counting, twins);
  const plain = new Map(users.map(({ name, domain, words }) => [JSON.stringify([name, domain]), words]));
  for (const { name, domain, sets } of twins) {
    const words = plain.get(JSON.stringify([name, domain])) ?? starts.map(() => 0);
    addWords(counting, { starts, words, count: -1 });
    const united = words.map((word, at) => {
      const start = starts[at] ?? 0;
      const next = starts[at + 1] ?? Infinity;
      let bits = BigInt(word);
      for (const [id, set] of sets)
        if (id >= start && id < next) bits |= BigInt(set) << BigInt((id - start) * kindCount);
      return Number(bits);
    });
    addWords(counting, { starts, words: united, count: 1 });
  }
}
