import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dayMs } from '../../../src-shared/base/time.ts';
import { accountChangeSchema } from '../../../src-shared/model/usage/manageAccounts.ts';
import { accountsNow, startAccountKit } from '../../../test-support/accountKit.ts';
import { describeAccountChanges } from '../../../test-support/accountChangeTests.ts';
import { describeAccountReports } from '../../../test-support/accountReportTests.ts';
import { startPostgres, type PostgresServer } from '../../../test-support/postgresServer.ts';
import { waitFor } from '../../../test-support/waitFor.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

const start = async () => startAccountKit({ configuration: (await server.createDatabase()).configuration });

describeAccountReports({ name: 'PostgreSQL', start });
describeAccountChanges({ name: 'PostgreSQL', start });

/** An appliance whose database refuses the first `failures` changes of accounts with this code. */
const startFailing = async (code: string, failures: number) => {
  const { name, configuration } = await server.createDatabase();
  const kit = await startAccountKit({ configuration });
  await kit.init();
  await kit.fill(500);
  await server.psql(
    `CREATE SEQUENCE attempts;
     CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       IF nextval('attempts') <= ${failures} THEN RAISE EXCEPTION 'refused' USING ERRCODE = '${code}'; END IF;
       RETURN NULL;
     END $$;
     CREATE TRIGGER refuse BEFORE UPDATE ON account FOR EACH STATEMENT EXECUTE FUNCTION refuse()`,
    name,
  );
  return { kit, name };
};
const countActive = async (name: string) =>
  Number(await server.psql('SELECT COUNT(*) FROM account WHERE deactivated_at IS NULL', name));

describe('PostgreSQL as the database of the accounts', () => {
  it('when psql hashes the same rows, the report has the same hashes', async () => {
    const { name, configuration } = await server.createDatabase();
    const kit = await startAccountKit({ configuration });
    await kit.init();
    await kit.fill(2000);
    const hashes = await server.psql(
      'SELECT md5(id::text), md5(lower(user_name)), md5(user_id), md5(lower(user_domain)) FROM account ORDER BY id',
      name,
    );
    const { stdout } = await kit.report('per-user');
    const reported = stdout
      .split('\n')
      .slice(1, -2)
      .map((line) => {
        const { account, userName, userId, userDomain } = JSON.parse(line);
        return [account, userName, userId, userDomain].map((one) => one ?? '').join('|');
      });
    expect(reported).toEqual(hashes.trimEnd().split('\n'));
    expect(stdout).not.toContain(server.password);
    const standard = await kit.report('standard');
    expect(standard.stdout).toContain('"hasExternalDatabase":true,"hasExternalRedis":true');
    await kit.stop();
  });

  it.each([
    ['SQL_ASCII', `ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'`],
    ['LATIN1', `ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'`],
    ['the Turkish language', `ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'tr'`],
  ])('when a database has %s, as many end users are counted as the report has', async (_what, options) => {
    const { configuration } = await server.createDatabase(`${options} TEMPLATE template0`);
    const kit = await startAccountKit({ configuration });
    await kit.init();
    await kit.fill(3000);
    const names = ['IRMA.I', 'irma.i', 'irma.i\u00a0', 'J\u00fcrgen', 'j\u00dcrgen'];
    for (const [at, name] of names.entries())
      await kit.sql('UPDATE account SET user_name = ?, user_domain = ? WHERE id = ?', name, 'x', at + 5);
    const lines = (await kit.report('per-user')).stdout.split('\n').slice(1, -2);
    const users = lines.map((line) => {
      const { account, userName, userDomain } = JSON.parse(line);
      return userName === null ? account : `${userName} ${userDomain}`;
    });
    const { endUsers } = JSON.parse((await kit.report('summary')).stdout);
    const { admin, nonAdmin } = endUsers.total.all;
    expect(admin + nonAdmin).toBe(new Set(users).size);
    await kit.stop();
  });

  it('when the server ends the connection in the middle, the report has no last line and the command fails', async () => {
    const { name, configuration } = await server.createDatabase();
    const kit = await startAccountKit({ configuration });
    await kit.init();
    await kit.fill(20_000);
    const whole = await kit.report('per-user');
    let ending: Promise<string> | null = null;
    const cut = await kit.ke(['ke_usage_report', '--kind', 'per-user'], '', async () => {
      ending ??= server.psql(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sallyport' AND datname = '${name}'`,
      );
      await ending;
    });
    expect(cut.exitCode).toBe(1);
    expect(cut.stderr).toMatch(/^ke_usage_report: DATABASE_UNUSABLE: the database .* can’t be used: /u);
    expect(cut.stderr).not.toContain(server.password);
    expect(whole.stdout.startsWith(cut.stdout)).toBe(true);
    expect(cut.stdout).not.toContain('"accounts":');
    expect((await kit.report('per-user')).stdout).toBe(whole.stdout);
    await kit.stop();
  });

  it.each([
    ['a summary', ['--kind', 'summary']],
    ['a standard report', ['--kind', 'standard']],
    ['a search', ['--kind', 'per-user', '--hashed', '0'.repeat(32)]],
    ['a statement', ['statement', '--kind', 'per-user']],
  ])(
    'when the server ends the connection while %s is made, nothing is printed or kept',
    async (_what, words) => {
      const { name, configuration } = await server.createDatabase();
      const kit = await startAccountKit({ configuration });
      await kit.init();
      await kit.fill(500);
      const activity = `FROM pg_stat_activity WHERE datname = '${name}'`;
      // The command has begun to read and waits for this lock.
      const lock = server.psql('BEGIN; LOCK TABLE account; SELECT pg_sleep(600)', name).catch(() => '');
      const isThere = (what: string) => async () =>
        (await server.psql(`SELECT 1 ${activity} AND ${what}`)) !== '';
      await waitFor('the table is locked', isThere(`wait_event = 'PgSleep'`));
      const made = kit.ke(['ke_usage_report', ...words]);
      await waitFor(
        'the command waits',
        isThere(`application_name = 'sallyport' AND wait_event_type = 'Lock'`),
      );
      await server.psql(`SELECT pg_terminate_backend(pid) ${activity} AND application_name = 'sallyport'`);
      const ended = await made;
      await server.psql(`SELECT pg_terminate_backend(pid) ${activity}`);
      await lock;
      expect(ended).toMatchObject({ exitCode: 1 });
      expect(ended.stderr).toContain('DATABASE_UNUSABLE: the database');
      expect(ended.stdout).not.toMatch(/"accounts":|"contract"/u);
      expect((await kit.ke(['ke_usage_report', 'statements', '--json'])).stdout).toContain('"statements":[]');
      expect(await kit.ke(['ke_usage_report', ...words])).toMatchObject({ exitCode: 0 });
      await kit.stop();
    },
  );

  it.each([
    [
      'the password is wrong',
      (text: string) => text.replace('planted-database-password', 'planted-other'),
      1,
    ],
    ['nothing listens', (text: string) => text.replace('port: 5432', 'port: 5433'), 1],
    ['the database has no name', (text: string) => text.replace(/name: .*/u, 'name: ""'), 1],
    ['the file is no YAML', (text: string) => `${text}: : [`, 1],
  ])('when %s, no report comes from another database', async (_what, change, exitCode) => {
    const { configuration } = await server.createDatabase();
    const kit = await startAccountKit({ configuration: change(configuration) });
    const ended = await kit.report('standard');
    expect(ended).toMatchObject({ exitCode, stdout: '' });
    expect(ended.stderr).not.toMatch(/planted/u);
    await kit.stop();
  });

  it.each([
    ['40001', 1],
    ['40001', 5],
    ['40P01', 3],
  ])('when it refuses a change with %s %d times, the change is made once', async (code, failures) => {
    const { kit, name } = await startFailing(code, failures);
    const active = await countActive(name);
    const ended = await kit.ke(['ke_manage_accounts', 'deactivate', '--idle-days', '60', '--json']);
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
    const { changed } = accountChangeSchema.parse(JSON.parse(ended.stdout));
    expect(changed).toBeGreaterThan(5);
    expect(await countActive(name)).toBe(active - changed);
    await kit.stop();
  });

  it.each([
    ['40001', 5],
    ['40P01', 5],
    ['23514', 1],
  ])('when it refuses each change with %s, nothing is changed', async (code, exitCode) => {
    const { kit, name } = await startFailing(code, 1000);
    const active = await countActive(name);
    const ended = await kit.ke(['ke_manage_accounts', 'deactivate', '--idle-days', '60']);
    expect(ended).toMatchObject({ exitCode, stdout: '' });
    expect(await countActive(name)).toBe(active);
    expect(Number(await server.psql('SELECT last_value FROM attempts', name))).toBe(exitCode === 5 ? 6 : 1);
    await kit.stop();
  });

  it.each(['deactivate', 'mark-internal'])(
    'when another program changes the same accounts meanwhile, %s sees the change',
    async (action) => {
      const { name, configuration } = await server.createDatabase();
      const kit = await startAccountKit({ configuration });
      await kit.init();
      await kit.fill(500);
      await kit.license({ internalDevelopment: true });
      const idle = 'deactivated_at IS NULL AND COALESCE(last_request_at, connected_at) < ';
      const limit = accountsNow - 60 * dayMs;
      const other = server.psql(
        `BEGIN; UPDATE account SET last_request_at = ${accountsNow} WHERE id = (SELECT MIN(id) FROM account WHERE is_internal = 0 AND ${idle}${limit});
         SELECT pg_sleep(2); COMMIT`,
        name,
      );
      await waitFor(
        'the other program has changed an account',
        async () =>
          (await server.psql(
            `SELECT query FROM pg_stat_activity WHERE datname = '${name}' AND wait_event = 'PgSleep'`,
          )) !== '',
      );
      const expected =
        Number(await server.psql(`SELECT COUNT(*) FROM account WHERE ${idle}${limit}`, name)) - 1;
      const ended = await kit.ke(['ke_manage_accounts', action, '--idle-days', '60', '--json']);
      await other;
      expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
      const { changed, unchanged } = accountChangeSchema.parse(JSON.parse(ended.stdout));
      expect(changed + unchanged).toBe(expected);
      await kit.stop();
    },
  );
});
