import type { AccountsDatabase, SqlValue, SqlWriter } from '../../core/accounts/accountsDatabase.ts';
import { repositoryServiceNames } from '../../../src-shared/model/connectYaml/repositoryServices.ts';
import { createSealer } from '../../core/secrets/sealedSecret.ts';
import { makeAccounts, makeDevelopers, type PopulationSize } from './population.ts';

/** SQLite takes at most 32,766 values in a statement. */
const insertRows = 500;
/** All secrets of a population are encrypted with one data key. */
const dataKeyId = 1;

const flag = (value: boolean) => (value ? 1 : 0);

async function insert(
  writer: SqlWriter,
  table: { name: string; columns: readonly string[] },
  rows: Iterable<readonly SqlValue[]>,
): Promise<void> {
  const placeholders = `(${table.columns.map(() => '?').join(', ')})`;
  const add = (values: readonly SqlValue[]) => {
    const places = Array.from({ length: values.length / table.columns.length }, () => placeholders);
    return writer.run(
      `INSERT INTO ${table.name} (${table.columns.join(', ')}) VALUES ${places.join(', ')}`,
      ...values,
    );
  };
  let waiting: SqlValue[] = [];
  for (const row of rows) {
    waiting.push(...row);
    if (waiting.length < insertRows * table.columns.length) continue;
    await add(waiting);
    waiting = [];
  }
  if (waiting.length > 0) await add(waiting);
}

function* accountRows(size: PopulationSize, seal: (secret: string) => string): Generator<SqlValue[]> {
  for (const account of makeAccounts(size)) {
    const { token } = account;
    yield [
      account.id,
      account.applicationId,
      repositoryServiceNames.indexOf(account.connector) + 1,
      account.userName,
      account.userId,
      account.userDomain,
      flag(account.isAdmin),
      flag(account.isInternal),
      account.connectedAt,
      account.updatedAt,
      account.lastRequestAt,
      account.deactivatedAt,
      token === null ? null : dataKeyId,
      token === null ? null : seal(token),
    ];
  }
}

const accountColumns =
  'id application_id connector_id user_name user_id user_domain is_admin is_internal connected_at updated_at last_request_at deactivated_at data_key_id token'.split(
    ' ',
  );

/**
 * Fills an empty account database with a population, in one transaction. Secrets are encrypted with the public key (PEM).
 * Rejects with DATABASE_UNUSABLE if it is not empty.
 */
export async function fillAccounts(
  database: AccountsDatabase,
  { publicKey, ...size }: PopulationSize & { publicKey: string },
): Promise<void> {
  const sealer = createSealer(publicKey);
  const seal = (secret: string) => {
    const { iv, data } = sealer.seal(secret);
    return `${iv}.${data}`;
  };
  const { developers, applications } = makeDevelopers(size);
  await database.write(async (writer) => {
    const keyColumns = ['id', 'wrapped', 'created_at'];
    await insert(writer, { name: 'data_key', columns: keyColumns }, [
      [dataKeyId, sealer.wrappedKey, size.now],
    ]);
    const names = repositoryServiceNames.map((name, at) => [at + 1, name]);
    await insert(writer, { name: 'connector', columns: ['id', 'name'] }, names);
    const developerRows = developers.map(({ id, email, createdAt }) => [id, email, createdAt]);
    await insert(writer, { name: 'developer', columns: ['id', 'email', 'created_at'] }, developerRows);
    const columns = ['id', 'developer_id', 'name', 'is_internal', 'data_key_id', 'secret', 'created_at'];
    const applicationRows = applications.map(({ id, developerId, name, isInternal, secret, createdAt }) => [
      id,
      developerId,
      name,
      flag(isInternal),
      dataKeyId,
      seal(secret),
      createdAt,
    ]);
    await insert(writer, { name: 'application', columns }, applicationRows);
    await insert(writer, { name: 'account', columns: accountColumns }, accountRows(size, seal));
  });
}
