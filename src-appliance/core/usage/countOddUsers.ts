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

/** Looking up more users than this takes longer than reading all accounts **[ours]**. */
const maxTwins = 2000;

type NamedAccount = { id: number; kind: number; userName: string | null; userDomain: string | null };

/** The accounts for which `where` holds, with their kinds. */
async function* readNamed({ source, view, to }: Counting, where: string): AsyncGenerator<NamedAccount> {
  const columns = kindColumns(view);
  const sql = `SELECT ${columns.sql}, a.id, a.user_name, a.user_domain FROM account a
    WHERE a.connected_at < ? AND ${where}`;
  for await (const batch of source.reader.stream(sql, ...spread(columns.values, to)))
    for (const row of batch) {
      const [id, admin, internal, active, , userName, userDomain] = readRow(row, source.place);
      yield { id, kind: admin * 4 + internal * 2 + active, userName, userDomain };
    }
}

/** Counts users on their connectors, told apart by a hash, which needs few bytes for each. */
function createHashedUsers({ connectors, all }: Counting) {
  const countsById = new Map(connectors.map(({ id, counts }) => [id, counts]));
  const hashUser = createUserHash();
  return {
    countsById,
    add: ({ id, kind, userName, userDomain }: NamedAccount): void => {
      const user = hashUser(userName, userDomain);
      if (user === null) return;
      countsById.get(id)?.addHashed(user, kind);
      all.addHashed(user, kind);
    },
  };
}

/**
 * Counts the end users whose names only JavaScript can spell. Some are the same as users whose names SQL can spell, e.g. with a
 * no-break space behind the name, so these are counted once. If they are many, all named users are hashed. True if the users
 * whose names SQL can spell were counted, too.
 */
export async function countOddUsers(counting: Counting): Promise<boolean> {
  const { key, all } = counting;
  const hashed = createHashedUsers(counting);
  const twins = new Map<string, OddUser>();
  let areFew = true;
  for await (const account of readNamed(counting, isOddSql(key, 'a.'))) {
    const { id, kind } = account;
    const counts = hashed.countsById.get(id);
    if (counts === undefined) continue;
    const name = plainKey('userName', account.userName);
    const domain = plainKey('userDomain', account.userDomain);
    if (name === '') {
      counts.addUsers(1 << kind, 1);
      all.addUsers(1 << kind, 1);
    } else if (areFew && name !== null && domain !== null) {
      const twinKey = JSON.stringify([name, domain]);
      const twin = twins.get(twinKey) ?? { name, domain, sets: new Map() };
      twins.set(twinKey, twin);
      twin.sets.set(id, (twin.sets.get(id) ?? 0) | (1 << kind));
      areFew = twins.size <= maxTwins;
    } else hashed.add(account);
  }
  if (areFew) {
    await addTwins(counting, [...twins.values()]);
    return false;
  }
  for (const { name, domain, sets } of twins.values())
    for (const [id, set] of sets)
      for (let kind = 0; kind < kindCount; kind += 1)
        if ((set & (1 << kind)) !== 0) hashed.add({ id, kind, userName: name, userDomain: domain });
  const isPlain = `${key('a.user_name')} <> '' AND NOT ${isOddSql(key, 'a.')}`;
  for await (const account of readNamed(counting, isPlain)) hashed.add(account);
  return true;
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
