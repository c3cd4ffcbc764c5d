import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startAccountKit, type AccountKit } from '../../../test-support/accountKit.ts';
import { describeAccountReports } from '../../../test-support/accountReportTests.ts';

describeAccountReports({ name: 'SQLite', start: () => startAccountKit() });

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
});
