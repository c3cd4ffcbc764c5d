import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAccountKit } from '../../../test-support/accountKit.ts';
import { describeAccountChanges } from '../../../test-support/accountChangeTests.ts';
import { describeAccountReports } from '../../../test-support/accountReportTests.ts';
import { startPostgres, type PostgresServer } from '../../../test-support/postgresServer.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

const start = async () => startAccountKit({ configuration: (await server.createDatabase()).configuration });

describeAccountReports({ name: 'PostgreSQL', start });
describeAccountChanges({ name: 'PostgreSQL', start });

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
});
