import { createHash } from 'node:crypto';
import { rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startAccountKit, type AccountKit } from '../../../test-support/accountKit.ts';
import { describeAccountReports } from '../../../test-support/accountReportTests.ts';

describeAccountReports({ name: 'SQLite', start: () => startAccountKit() });

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
