import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accountsNow, startAccountKit, type AccountKit } from '../../test-support/accountKit.ts';
import { describeAccountChanges } from '../../test-support/accountChangeTests.ts';
import { startKitAppliance } from '../../test-support/kitAppliance.ts';
import { accountInitSchema, accountListSchema } from '../../src-shared/model/usage/manageAccounts.ts';
import { makeAccounts } from '../lab/accounts/population.ts';

describeAccountChanges({ name: 'SQLite', start: () => startAccountKit() });

const program = 'ke_manage_accounts';
let kit: AccountKit;
beforeEach(async () => {
  kit = await startAccountKit();
  await kit.init();
  await kit.fill(300);
});
afterEach(() => kit.stop());

const wrongWords = [
  [],
  ['show'],
  ['init', 'x'],
  ['list', 'x'],
  ['list', '--limit', '501'],
  ['list', '--limit', '0'],
  ['list', '--skip', '-1'],
  ['list', '--skip', '00'],
  ['list', '--skip', 'x'],
  ['list', '--state', 'old'],
  ['list', '--connector', 'a b'],
  ['list', '--hash', 'ABC'],
  ['list', '--idle-days', '0'],
  ['unmark'],
  ['unmark', '-', '--idle-days', '3'],
  ['deactivate', '--application', '1'],
  ['mark-internal', '-', '-'],
  ['plan'],
  ['plan', '-'],
  ['apply', '-'],
  ['apply', '--expect', 'abc', '-'],
];

describe('ke_manage_accounts', () => {
  it.each(wrongWords.map((words) => ({ words })))(
    'when called with $words, changes nothing',
    async ({ words }) => {
      const before = (await kit.report('per-user')).stdout;
      expect(await kit.ke([program, ...words])).toMatchObject({ exitCode: 2, stdout: '' });
      expect((await kit.report('per-user')).stdout).toBe(before);
    },
  );

  it.each(['0\n', '0118\n', '1e3\n', '99999999999999999\n', 'anna@example.com\n', `${'a'.repeat(31)}\n`, ''])(
    'when the list has %j, changes nothing and doesn’t repeat it',
    async (text) => {
      const ended = await kit.ke([program, 'deactivate', '-'], text);
      expect(ended).toMatchObject({ exitCode: 2, stdout: '' });
      expect(ended.stderr.split(/\s/u)).not.toContain(text.trim() || 'no text');
    },
  );

  it.each([
    '',
    '[]',
    '{"action":"unmark"}',
    '[{"action":"unmark","accounts":{"application":1}},{"action":"mark-internal","accounts":{"application":1}}]',
    '[{"action":"deactivate","accounts":{"application":1}}]',
    '[{"action":"mark-internal","accounts":{"idleDays":3}}]',
    '[{"action":"unmark","accounts":{"hashes":["anna@example.com"]}}]',
    `[{"action":"unmark","accounts":{"hashes":[${Array.from({ length: 1001 }, () => `"${'a'.repeat(32)}"`).join(',')}]}}]`,
    ' '.repeat(256 * 1024 + 1),
  ])('when the steps are wrong (%#), changes nothing and doesn’t repeat them', async (text) => {
    const ended = await kit.ke([program, 'plan', '-'], text);
    expect(ended).toMatchObject({ exitCode: 2, stdout: '' });
    expect(ended.stderr).not.toContain('anna');
  });

  it('when a step names an account that is not there, changes nothing', async () => {
    const steps = [{ action: 'unmark', accounts: { hashes: ['a'.repeat(32)] } }];
    const ended = await kit.ke([program, 'plan', '-'], JSON.stringify(steps));
    expect(ended).toMatchObject({ exitCode: 3, stdout: '' });
  });

  it('when a hash is searched for, lists each account with a field that has it', async () => {
    const [first] = [...makeAccounts({ seed: 'kiln', accounts: 300, now: accountsNow })];
    const hash = createHash('md5').update(`${first?.userDomain}`).digest('hex');
    const { stdout } = await kit.ke([
      program,
      'list',
      '--hash',
      hash,
      '--json',
      '--limit',
      '5',
      '--skip',
      '5',
    ]);
    const found = accountListSchema.parse(JSON.parse(stdout));
    const all = [...makeAccounts({ seed: 'kiln', accounts: 300, now: accountsNow })];
    expect(found.total).toBe(all.filter((one) => one.userDomain === first?.userDomain).length);
    expect(found.accounts).toHaveLength(5);
    expect(new Set(found.accounts.map(({ line }) => line.userDomain))).toEqual(new Set([hash]));
    expect(stdout).not.toContain('example');
  });

  it('when accounts change, the log says how many and names none', async () => {
    const { stdout } = await kit.ke([program, 'list', '--names', '--json', '--limit', '3']);
    const { accounts } = accountListSchema.parse(JSON.parse(stdout));
    const list = accounts.map(({ line }) => line.account).join('\n');
    expect(await kit.ke([program, 'deactivate', '-'], list)).toMatchObject({ exitCode: 0 });
    expect(kit.logged.at(-1)).toMatch(/^accounts deactivated by test: \d changed$/u);
    for (const { names } of accounts) expect(kit.logged.join('\n')).not.toContain(names?.userName ?? '?');
  });

  it('when the tables are of an older kit, init --if-present brings them up to date, and logs only that', async () => {
    const before = (await kit.report('summary')).stdout;
    await kit.use((database) =>
      database.write((writer) =>
        writer.script(`DROP INDEX account_by_kind; DROP INDEX account_by_user; DROP INDEX account_odd;
          DELETE FROM schema_migration WHERE number > 1`),
      ),
    );
    expect((await kit.report('summary')).stderr).toContain('version 1; run ke_manage_accounts init');
    const update = async () => {
      const ended = await kit.ke([program, 'init', '--if-present', '--json']);
      expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
      return accountInitSchema.parse(JSON.parse(ended.stdout)).migrations;
    };
    expect([await update(), await update()]).toEqual([1, 0]);
    expect(kit.logged.filter((line) => line.includes('account tables'))).toEqual([
      'account tables made or updated by test: 1 steps',
    ]);
    const { takenAt: _first, ...counts } = JSON.parse(before);
    const { takenAt: _second, ...after } = JSON.parse((await kit.report('summary')).stdout);
    expect(after).toEqual(counts);
  });

  it('when there is no database, init --if-present makes none', async () => {
    const bare = await startKitAppliance();
    const ended = await bare.ke([program, 'init', '--if-present']);
    expect(ended).toMatchObject({ exitCode: 0, stdout: 'there is no account database yet\n', stderr: '' });
    expect((await bare.ke([program, 'list'])).stderr).toContain('there is no account database');
    await bare.stop();
  });

  it('when there is no database, says how to make it', async () => {
    const bare = await startKitAppliance();
    const ended = await bare.ke([program, 'list']);
    expect(ended).toMatchObject({ exitCode: 3, stdout: '' });
    expect(ended.stderr).toContain('ke_manage_accounts init');
    expect(await bare.ke([program, 'init'])).toMatchObject({ exitCode: 0 });
    expect((await bare.ke([program, 'init'])).stdout).toContain('is up to date');
    await bare.stop();
  });
});
