import fc from 'fast-check';
import type { AccountsDatabase, SqlValue } from '../../src-appliance/core/accounts/accountsDatabase.ts';
import { dayMs } from '../../src-shared/base/time.ts';

export const storedConnectors = ['alfresco', 'cmis', 'smb', 'webdav'] as const;

/** Names of few people, in the spellings that connectors have. `é` and `ü` have two Unicode forms. */
const letters = ['anna', 'ANNA', ' Anna\t', 'ben', 'ab', 'a', '  ', "o'neil", '{"a"}'];
const accented = [
  'J\u00fcrgen',
  'J\u00DCRGEN',
  'Ju\u0308rgen',
  'jurgen',
  'Ren\u00e9e',
  'RENE\u0301E',
  '\u00a0ren\u00e9e',
  'anna\u00a0',
  '\u00a0BEN',
  '\u00a0',
];
const greek = ['\u03A3\u0391\u03A3', '\u03c3\u03b1\u03c2'];
const userNames = [...letters, ...accented, ...greek, null];
const userDomains = ['plant.example', 'Plant.Example ', 'b', '\u00a0B', 'bc', '', null];

const flag = fc.integer({ min: 0, max: 1 });

const accountOf = ({ from, to }: { from: number; to: number }) =>
  fc.record({
    connector: fc.integer({ min: 1, max: storedConnectors.length }),
    /** The second application is internal development. */
    application: fc.integer({ min: 1, max: 2 }),
    userName: fc.constantFrom(...userNames),
    userDomain: fc.constantFrom(...userDomains).map((domain) => domain || null),
    isAdmin: flag,
    isInternal: flag,
    connectedAt: fc.constantFrom(0, from - 1, from, from + dayMs, to - 1, to, to + dayMs),
    deactivatedAt: fc.constantFrom(null, null, from - 1, from, from + dayMs, to - 1, to, to + dayMs),
  });

/** Up to 60 accounts whose times are in and around a month, epoch ms, and the connectors without accounts that are listed, too. */
export const storedPopulations = (month: { from: number; to: number }) =>
  fc.record({
    accounts: fc.array(accountOf(month), { maxLength: 60 }),
    listed: fc.subarray([...storedConnectors]),
  });
type StoredPopulation =
  ReturnType<typeof storedPopulations> extends fc.Arbitrary<infer Value> ? Value : never;

const columns =
  'id, application_id, connector_id, user_name, user_domain, is_admin, is_internal, connected_at, updated_at, deactivated_at';

/** Replaces all rows of a migrated database by this population, in one transaction. */
export function storePopulation(
  database: AccountsDatabase,
  { accounts, listed }: StoredPopulation,
): Promise<void> {
  const used = new Set(accounts.map(({ connector }) => connector));
  const connectors = storedConnectors.flatMap((name, at): SqlValue[][] =>
    used.has(at + 1) || listed.includes(name) ? [[at + 1, name]] : [],
  );
  const rows = accounts.map((account, at): SqlValue[] => [
    at + 1,
    account.application,
    account.connector,
    account.userName,
    account.userDomain,
    account.isAdmin,
    account.isInternal,
    account.connectedAt,
    account.connectedAt,
    account.deactivatedAt,
  ]);
  return database.write(async (writer) => {
    await writer.script(`DELETE FROM account; DELETE FROM connector; DELETE FROM application; DELETE FROM developer;
      INSERT INTO developer (id, email, created_at) VALUES (1, 'dev@plant.example', 0);
      INSERT INTO application (id, developer_id, name, is_internal, created_at) VALUES (1, 1, 'Search', 0, 0), (2, 1, 'Test', 1, 0)`);
    const insert = (into: string, values: SqlValue[][]) => {
      if (values.length === 0) return;
      const places = values.map((row) => `(${row.map(() => '?').join(', ')})`).join(', ');
      return writer.run(`INSERT INTO ${into} VALUES ${places}`, ...values.flat());
    };
    await insert('connector (id, name)', connectors);
    await insert(`account (${columns})`, rows);
  });
}
