import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accountInitSchema, accountListSchema } from '../../../src-shared/model/usage/manageAccounts.ts';
import { standardReportSchema } from '../../../src-shared/model/usage/usageReport.ts';
import { statementListSchema } from '../../../src-shared/model/usage/usageStatement.ts';
import { usageSearchSchema } from '../../../src-shared/model/usage/usageSearch.ts';
import { usageSummarySchema } from '../../../src-shared/model/usage/usageSummary.ts';
import { documentedBlocks } from '../../../test-support/documentedCommands.ts';
import { startStockBox, type StockBox } from '../../../test-support/stockBox.ts';

/* A stock box with Debian's PostgreSQL, set up by the documented commands, and an administrator who is not root. */

const guide = join(import.meta.dirname, '../../../docs/appliance.md');
const accounts = 400;
let box: StockBox;
let password: string;

/** Runs SQL as the vendor's application would: with the role and password of the configuration, past the kit. */
const sql = (text: string) =>
  box.system.mustRun([
    'sh',
    '-c',
    `export PGPASSWORD=${password}; exec psql -X -q -A -t -v ON_ERROR_STOP=1 -h localhost -U kloudless -d kloudless -c "$1"`,
    'sh',
    text,
  ]);

beforeAll(async () => {
  box = await startStockBox();
  await box.system.mustRun(['service', 'postgresql', 'start']);
  for (const { commands } of documentedBlocks(guide, 'Accounts in PostgreSQL', 'appliance'))
    await box.system.mustRun(['sh', '-e', '-c', commands]);
  const configuration = await readFile(box.system.path('/data/kloudless.yml'), 'utf8');
  const found = /^ {2}password: "([\da-f]{48})"$/mu.exec(configuration)?.[1];
  if (found === undefined) throw new Error('the configuration has no password');
  password = found;
  await sql(`INSERT INTO developer (id, email, created_at) VALUES (1, 'dev@plant.example', 0);
    INSERT INTO application (id, developer_id, name, created_at) VALUES (1, 1, 'Search', 0);
    INSERT INTO connector (id, name) VALUES (1, 'smb'), (2, 'cmis');
    INSERT INTO account (id, application_id, connector_id, user_name, user_id, user_domain, is_admin, connected_at, updated_at)
    SELECT n, 1, 1 + n % 2, 'person' || n / 2 || '@plant.example', 'U-' || n, 'plant.example', CASE WHEN n % 50 = 0 THEN 1 ELSE 0 END, n, n
    FROM generate_series(1, ${accounts}) AS n`);
});
afterAll(() => box.stop());

const run = async (...argv: string[]) => {
  const ended = await box.ke(argv);
  expect(ended).toMatchObject({ exitCode: 0 });
  expect(ended.stdout + ended.stderr).not.toContain(password);
  return ended.stdout;
};
const report = (kind: string, ...rest: string[]) => run('ke_usage_report', '--kind', kind, ...rest);

test('when the administrator reads reports, they come from the database that the configuration names', async () => {
  const standard = standardReportSchema.parse(JSON.parse(await report('standard')));
  expect(standard).toMatchObject({
    developerAccounts: 1,
    hasExternalDatabase: true,
    hasExternalRedis: false,
  });
  expect(
    standard.connectors.map(({ connector, admin, nonAdmin }) => [connector, admin.total, nonAdmin.total]),
  ).toEqual([
    ['cmis', 0, 200],
    ['smb', 8, 192],
  ]);
  const summary = usageSummarySchema.parse(JSON.parse(await report('summary')));
  expect(summary.endUsers?.total.all).toEqual({ admin: 8, nonAdmin: 193 });
  const lines = (await report('per-user')).trimEnd().split('\n');
  expect(lines).toHaveLength(accounts + 2);
  const hashes = await sql('SELECT md5(lower(user_name)) FROM account ORDER BY id');
  expect(lines.slice(1, -1).map((line) => JSON.parse(line).userName)).toEqual(hashes.trimEnd().split('\n'));
});

test('when the administrator searches, lists and makes a statement, each is of the same accounts', async () => {
  const hash = createHash('md5').update('person7@plant.example').digest('hex');
  const found = usageSearchSchema.parse(JSON.parse(await report('per-user', '--hashed', hash)));
  expect(found.accounts.map(({ fields: [first], line }) => [first, line.connector])).toEqual([
    ['userName', 'smb'],
    ['userName', 'cmis'],
  ]);
  const listed = accountListSchema.parse(
    JSON.parse(await run('ke_manage_accounts', 'list', '--hash', hash, '--json')),
  );
  expect(listed).toMatchObject({ total: 2 });
  const statement = await run('ke_usage_report', 'statement', '--kind', 'per-user');
  expect(statement.slice(statement.indexOf('\n') + 1)).toBe(await report('per-user'));
  const { statements } = statementListSchema.parse(
    JSON.parse(await run('ke_usage_report', 'statements', '--json')),
  );
  expect(statements).toMatchObject([{ number: 1, kind: 'per-user', lines: accounts + 2 }]);
});

test('when the tables are up to date, a second init changes nothing, and no command needs SQLite', async () => {
  const done = accountInitSchema.parse(JSON.parse(await run('ke_manage_accounts', 'init', '--json')));
  expect(done).toMatchObject({
    migrations: 0,
    place: 'the database kloudless of kloudless at localhost:5432',
  });
  expect((await box.system.run(['test', '-e', '/var/lib/sallyport/accounts.db'])).exitCode).toBe(1);
});

test('when a user has no sudo rule, no report is printed', async () => {
  const ended = await box.system.run(['ke_usage_report', '--kind', 'standard'], { user: 'nobody' });
  expect(ended.exitCode).not.toBe(0);
  expect(ended.stdout).toBe('');
  expect(await readFile(box.syslogFile, 'utf8')).not.toContain(password);
});

test('when PostgreSQL stops, the commands say so and count nothing, and go on once it is back', async () => {
  const before = await report('standard');
  await box.system.mustRun(['service', 'postgresql', 'stop']);
  for (const words of [
    ['--kind', 'standard'],
    ['--kind', 'summary'],
    ['statement', '--kind', 'standard'],
  ]) {
    const ended = await box.ke(['ke_usage_report', ...words]);
    expect(ended).toMatchObject({ exitCode: 1, stdout: '' });
    expect(ended.stderr).toContain(
      'DATABASE_UNUSABLE: the database kloudless of kloudless at localhost:5432',
    );
    expect(ended.stderr).not.toContain(password);
  }
  await box.system.mustRun(['service', 'postgresql', 'start']);
  expect(await report('standard')).toBe(before);
});
