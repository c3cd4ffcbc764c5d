import { createHash } from 'node:crypto';
import { rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { standardReportSchema } from '../../../src-shared/model/usage/usageReport.ts';
import { usageSummarySchema } from '../../../src-shared/model/usage/usageSummary.ts';
import type { SqlReader } from '../accounts/accountsDatabase.ts';
import { readUsageContext, withAccountSnapshot } from './usageContext.ts';
import { summariseUsage } from './usageSummary.ts';
import { startAccountKit, type AccountKit } from '../../../test-support/accountKit.ts';
import { describeAccountReports } from '../../../test-support/accountReportTests.ts';

describeAccountReports({ name: 'SQLite', start: () => startAccountKit() });

/** The numbers from 1 to a value. */
const numbers = 'WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)';

/** How many accounts a report counts. */
function countReported(kind: string, text: string): number {
  if (kind === 'per-user') return Number(/"accounts":(\d+)/u.exec(text)?.[1]);
  if (kind === 'standard')
    return standardReportSchema
      .parse(JSON.parse(text))
      .connectors.reduce((sum, { admin, nonAdmin }) => sum + admin.total + nonAdmin.total, 0);
  return usageSummarySchema
    .parse(JSON.parse(text))
    .connectors.flatMap(({ accounts: { active, inactive } }) => [active, inactive])
    .flatMap(({ billable, internal }) => [billable, internal])
    .reduce((sum, { admin, nonAdmin }) => sum + admin + nonAdmin, 0);
}

/** Cuts off the second half of a file, as a full disk or an interrupted copy does. */
const cutOff = async (path: string): Promise<void> => truncate(path, Math.floor((await stat(path)).size / 2));

describe('the account database in SQLite', () => {
  let kit: AccountKit;
  beforeEach(async () => {
    kit = await startAccountKit();
    await kit.init();
    await kit.fill(20);
  });
  afterEach(() => kit.stop());

  it.each([
    ['user_name', 'x'.repeat(321)],
    ['user_name', `a\0${'b'.repeat(400)}`],
    ['user_domain', '😀'.repeat(321)],
    ['user_domain', ''],
  ])(
    'when %s of an account was stored past the checks, each report names the account by its hash',
    async (column, text) => {
      await expect(kit.sql(`UPDATE account SET ${column} = ? WHERE id = 7`, text)).rejects.toMatchObject({
        code: 'DATABASE_UNUSABLE',
      });
      await kit.use((database) =>
        database.write(async (writer) => {
          await writer.script('PRAGMA ignore_check_constraints = ON');
          await writer.run(`UPDATE account SET ${column} = ? WHERE id = 7`, text);
        }),
      );
      const hash = createHash('md5').update('7').digest('hex');
      const commands = [
        ['ke_usage_report', '--kind', 'per-user'],
        ['ke_usage_report', '--kind', 'summary'],
        ['ke_manage_accounts', 'list'],
      ];
      for (const words of commands) {
        const ended = await kit.ke(words);
        expect(ended.exitCode).toBe(1);
        expect(ended.stderr).toContain(`unexpected value in column ${column} of account ${hash}`);
      }
    },
  );

  /** Changes the accounts as a program that checks no references. */
  const changeUnchecked = (sql: string) => {
    const path = join(kit.config.stateFolder, 'accounts.db');
    const other = new DatabaseSync(path, { enableForeignKeyConstraints: false });
    other.exec(sql);
    other.close();
  };

  it('when another program deleted the application of an account, each report counts the account', async () => {
    changeUnchecked('UPDATE account SET application_id = 99 WHERE id = 7');
    for (const kind of ['standard', 'per-user', 'summary']) {
      const { exitCode, stdout } = await kit.report(kind);
      expect({ kind, exitCode, counted: countReported(kind, stdout) }).toEqual({
        kind,
        exitCode: 0,
        counted: 20,
      });
    }
  });

  it('when another program deleted the connector of an account, each report refuses to count', async () => {
    changeUnchecked('UPDATE account SET connector_id = 99 WHERE id = 7');
    for (const kind of ['standard', 'per-user', 'summary']) {
      const { exitCode, stdout, stderr } = await kit.report(kind);
      expect(exitCode).toBe(1);
      expect(stderr).toContain('DATABASE_UNUSABLE');
      expect(stdout).not.toContain('"accounts":');
    }
  });

  it('when there are more connectors than a report can have, each report says so', async () => {
    await kit.sql(`INSERT INTO connector (name) ${numbers} SELECT 'c' || n FROM numbers`, 257);
    for (const kind of ['standard', 'summary']) {
      const ended = await kit.report(kind);
      expect(ended).toMatchObject({ exitCode: 1, stdout: '' });
      expect(ended.stderr).toContain('DATABASE_UNUSABLE: there are more than 256 connectors');
    }
  });

  it('when thousands of names end with a no-break space, they are counted with few questions to the database', async () => {
    await kit.sql(
      `INSERT INTO account (application_id, connector_id, user_name, user_domain, connected_at, updated_at) ${numbers}
       SELECT 1, 1, 'u' || (n / 2) || CASE WHEN n % 2 = 1 AND n > 3000 THEN char(160) ELSE '' END, 'd', 0, 0 FROM numbers`,
      9000,
    );
    const context = await readUsageContext(kit.appliance, undefined);
    let questions = 0;
    const summary = await withAccountSnapshot(kit.appliance, (reader, { place, dialect }) => {
      const stream: SqlReader['stream'] = (...query) => {
        questions += 1;
        return reader.stream(...query);
      };
      return summariseUsage(context, { reader: { ...reader, stream }, place, dialect });
    });
    const lines = (await kit.report('per-user')).stdout.split('\n').slice(1, -2);
    const { admin, nonAdmin } = summary.endUsers?.total.all ?? { admin: 0, nonAdmin: 0 };
    const users = lines.map((line) => {
      const { account, userName, userDomain } = JSON.parse(line);
      return userName === null ? account : `${userName} ${userDomain}`;
    });
    expect(admin + nonAdmin).toBe(new Set(users).size);
    expect(admin + nonAdmin).toBeGreaterThan(4500);
    expect(questions).toBeLessThan(6);
  });

  it.each<[string, (path: string) => Promise<void>, RegExp]>([
    ['is cut off in the middle', (path) => cutOff(path), /^ke_usage_report: DATABASE_UNUSABLE: .*malformed/u],
    ['is another file', (path) => writeFile(path, 'x'.repeat(8192)), /DATABASE_UNUSABLE: .*not a database/u],
    ['is empty', (path) => writeFile(path, ''), /DATABASE_UNUSABLE: .*no account tables yet/u],
    ['is gone', (path) => rm(path), /NOT_FOUND: there is no account database/u],
  ])('when its file %s, nothing is counted or stated, and the error says so', async (_what, damage, says) => {
    await kit.fill(2000, 'more').catch(() => undefined);
    const path = join(kit.config.stateFolder, 'accounts.db');
    await damage(path);
    const calls = [
      ['--kind', 'summary'],
      ['--kind', 'per-user'],
      ['statement', '--kind', 'per-user'],
    ];
    for (const words of calls) {
      const ended = await kit.ke(['ke_usage_report', ...words]);
      expect(ended.exitCode).not.toBe(0);
      expect(ended.stderr).toMatch(says);
      expect(ended.stdout).not.toMatch(/"accounts":\d|"contract"/u);
    }
    expect((await kit.ke(['ke_usage_report', 'statements', '--json'])).stdout).toContain('"statements":[]');
  });
});
