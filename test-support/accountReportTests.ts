import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clockPath } from '../src-appliance/core/licence/moment.ts';
import { makePerUserReport } from '../src-appliance/core/usage/perUserReport.ts';
import { readUsageContext, withAccountSnapshot } from '../src-appliance/core/usage/usageContext.ts';
import { makeAccounts } from '../src-appliance/lab/accounts/population.ts';
import { dayMs } from '../src-shared/base/time.ts';
import { findPlan } from '../src-shared/model/billing/billingPlan.ts';
import { priceMonth } from '../src-shared/model/billing/priceMonth.ts';
import { hashField } from '../src-shared/model/usage/hashedFields.ts';
import { readUsageReport } from '../src-shared/model/usage/readReport.ts';
import { accountLineSchema, standardReportSchema } from '../src-shared/model/usage/usageReport.ts';
import { maxFoundAccounts, usageSearchSchema } from '../src-shared/model/usage/usageSearch.ts';
import { usageSummarySchema } from '../src-shared/model/usage/usageSummary.ts';
import { accountsNow, type AccountKit } from './accountKit.ts';
import { aPlan } from './billing/aPlan.ts';
import { expectedCounts, expectedLines } from './reportOracle.ts';

const accounts = 3000;
const endOfMonth = Date.UTC(2026, 11, 1);
const population = { seed: 'kiln', accounts, now: accountsNow, to: endOfMonth };

/** The same tests for each database that can hold the accounts. */
export function describeAccountReports(database: { name: string; start: () => Promise<AccountKit> }): void {
  let kit: AccountKit;
  beforeEach(async () => {
    kit = await database.start();
  });
  afterEach(() => kit.stop());

  describe(`the reports from ${database.name}`, () => {
    it('when the same data are reported twice, have the same bytes, which a second computation gives, too', async () => {
      await kit.init();
      await kit.fill(accounts);
      const [first, second] = [await kit.report('per-user'), await kit.report('per-user')];
      expect(first).toMatchObject({ exitCode: 0, stderr: '' });
      expect(second.stdout).toBe(first.stdout);
      const lines = first.stdout.split('\n');
      expect(JSON.parse(lines[0] ?? '')).toMatchObject({ kind: 'per-user', format: 2, month: '2026-11' });
      expect(lines.slice(1, -2)).toEqual(expectedLines({ ...population, isMarked: false }));
      expect(lines.slice(-2)).toEqual([`{"accounts":${accounts},"internal":0}`, '']);
      for (const line of lines.slice(1, -2)) accountLineSchema.parse(JSON.parse(line));
    });

    it('when counts are asked for, a second computation agrees with each of them', async () => {
      await kit.init();
      await kit.fill(accounts);
      await kit.license({ internalDevelopment: true });
      const summary = usageSummarySchema.parse(JSON.parse((await kit.report('summary')).stdout));
      const expected = expectedCounts({ ...population, isMarked: true });
      expect(summary.connectors).toEqual(expected.connectors);
      expect(summary.endUsers).toEqual(expected.endUsers);
      const standard = standardReportSchema.parse(JSON.parse((await kit.report('standard')).stdout));
      for (const [at, { accounts: counts }] of expected.connectors.entries()) {
        const role = (name: 'admin' | 'nonAdmin') => {
          const active = counts.active.billable[name] + counts.active.internal[name];
          return { active, total: active + counts.inactive.billable[name] + counts.inactive.internal[name] };
        };
        expect(standard.connectors[at]).toMatchObject({ admin: role('admin'), nonAdmin: role('nonAdmin') });
      }
    });

    it.each([
      ['ASCII', ['anna.k', ' ANNA.K\t', 'Anna.K', 'anna.k']],
      ['ASCII only in one spelling', ['anna.k', 'anna.\u212a', 'anna.k\u00a0', '\ufeffANNA.K']],
      ['not ASCII', ['jürgen', 'JÜRGEN', 'ju\u0308rgen', ' Jürgen']],
    ])('when names that are %s are the same in one spelling, they are one end user', async (_what, names) => {
      await kit.init();
      await kit.fill(40);
      const count = async (chosen: readonly string[]) => {
        for (const [at, name] of chosen.entries())
          await kit.sql('UPDATE account SET user_name = ?, user_domain = ? WHERE id = ?', name, 'b', at + 11);
        const { endUsers } = usageSummarySchema.parse(JSON.parse((await kit.report('summary')).stdout));
        const { admin, nonAdmin } = endUsers?.total.all ?? { admin: 0, nonAdmin: 0 };
        return admin + nonAdmin;
      };
      const different = await count(['u1', 'u2', 'u3', 'u4']);
      expect(await count(names)).toBe(different - 3);
    });

    it('when the licence permits no internal development, no name of any account is in a report', async () => {
      await kit.init();
      await kit.fill(accounts);
      const texts = await Promise.all(['standard', 'per-user', 'summary'].map((kind) => kit.report(kind)));
      expect(findNames(texts.map(({ stdout }) => stdout).join(''))).toEqual([]);
      await kit.license({ internalDevelopment: true });
      const { stdout } = await kit.report('per-user');
      const marked = expectedLines({ ...population, isMarked: true });
      expect(stdout.split('\n').slice(1, -2)).toEqual(marked);
      // A person may have an internal account and others.
      const plain = new Set(
        marked.flatMap((line) => (line.endsWith('true}') ? listNames(JSON.parse(line)) : [])),
      );
      expect(plain.size).toBeGreaterThan(3);
      // The search finds those that are there, and only those.
      expect(new Set(findNames(stdout))).toEqual(plain);
    });

    it('when the whole licence is for internal development, every account is in plain text', async () => {
      await kit.init();
      await kit.fill(100);
      await kit.license({ internalDevelopment: true, isInternalLicence: true });
      expect((await kit.report('per-user')).stdout).toMatch(/\n\{"accounts":100,"internal":100\}\n$/u);
    });

    it('when the month is over, accounts that came later don’t count, and those that ended later do', async () => {
      await kit.init();
      await kit.fill(accounts);
      const october = { ...population, to: Date.UTC(2026, 10, 1), isMarked: false };
      const { stdout } = await kit.report('per-user', '--month', '2026-10');
      expect(stdout.split('\n').slice(1, -2)).toEqual(expectedLines(october));
      expect(expectedLines(october).length).toBeLessThan(accounts);
      for (const month of ['2026-12', '2025-10', '2026-13', 'now'])
        expect(await kit.report('standard', '--month', month)).toMatchObject({ exitCode: 2, stdout: '' });
    });

    it('when accounts are added while a report is made, it has those of its beginning', async () => {
      await kit.init();
      await kit.fill(accounts);
      const before = (await kit.report('per-user')).stdout;
      const context = await readUsageContext(kit.appliance, undefined);
      let text = '';
      await withAccountSnapshot(kit.appliance, async (reader, { place }) => {
        for await (const part of makePerUserReport(context, { reader, place })) {
          if (text !== '' && !text.includes('"added"')) await addAccount(kit);
          text += part;
        }
      });
      expect(text).toBe(before);
      expect((await kit.report('per-user')).stdout).not.toBe(before);
    });

    it('when a report is made, nothing can be written', async () => {
      await kit.init();
      const write = withAccountSnapshot(kit.appliance, async (reader) => {
        await reader.all(accountLineSchema, `INSERT INTO developer (email, created_at) VALUES ('a', 1)`);
      });
      await expect(write).rejects.toMatchObject({ code: 'DATABASE_UNUSABLE' });
      expect((await kit.report('standard')).stdout).toContain('"developerAccounts":0');
    });

    it.each([
      ['there is no table', [], 'make it with ke_manage_accounts init|run ke_manage_accounts init'],
      [
        'a column is missing',
        ['init', 'ALTER TABLE account DROP COLUMN last_request_at'],
        'incomplete.*account.last_request_at is missing',
      ],
      [
        'a table is missing',
        ['init', 'ALTER TABLE developer RENAME TO moved'],
        'incomplete.*developer.id is missing',
      ],
      [
        'the migration has no record',
        ['init', 'DELETE FROM schema_migration'],
        'no account tables yet; run ke_manage_accounts init',
      ],
      [
        'the tables are newer',
        ['init', 'INSERT INTO schema_migration (number, ran_at) VALUES (3, 0)'],
        'version 3, and this kit knows 2',
      ],
      [
        'a connector has an impossible name',
        ['init', `INSERT INTO connector (name) VALUES ('No Connector')`],
        'unexpected value in column name',
      ],
    ])('when %s, refuse to count and say why', async (_what, steps, says) => {
      for (const step of steps) await (step === 'init' ? kit.init() : kit.sql(step));
      for (const kind of ['standard', 'summary']) {
        const { stdout, stderr, exitCode } = await kit.report(kind);
        expect({ stdout, isFailed: exitCode !== 0 }).toEqual({ stdout: '', isFailed: true });
        expect(stderr).toMatch(new RegExp(says, 'u'));
        expect(stderr.split('\n')).toHaveLength(2);
      }
    });

    it('when a migration fails at its end, no table of it is left, and the next one makes them all', async () => {
      await kit.init();
      const drop = ['account', 'connector', 'application', 'developer', 'data_key', 'schema_migration'];
      const script = (text: string) => kit.use((one) => one.write((writer) => writer.script(text)));
      await script(drop.map((table) => `DROP TABLE ${table};`).join(''));
      await script('CREATE TABLE account_by_application (id INTEGER)');
      await expect(kit.init()).rejects.toMatchObject({ code: 'DATABASE_UNUSABLE' });
      expect((await kit.report('summary')).stderr).toContain('it has no account tables yet');
      await script('DROP TABLE account_by_application');
      await kit.init();
      expect(await kit.report('summary')).toMatchObject({ exitCode: 0 });
    });

    it('when the tables are incomplete, no statement is made, and its number is used by the next one', async () => {
      await kit.init();
      await kit.fill(10);
      await kit.sql('ALTER TABLE account RENAME COLUMN user_domain TO moved');
      for (const kind of ['standard', 'per-user']) {
        const ended = await kit.ke(['ke_usage_report', 'statement', '--kind', kind]);
        expect(ended).toMatchObject({ exitCode: 1, stdout: '' });
        expect(ended.stderr).toContain('account.user_domain is missing');
      }
      const listed = () => kit.ke(['ke_usage_report', 'statements', '--json']);
      expect((await listed()).stdout).toContain('"statements":[]');
      await kit.sql('ALTER TABLE account RENAME COLUMN moved TO user_domain');
      await kit.ke(['ke_usage_report', 'statement', '--kind', 'standard']);
      expect((await listed()).stdout).toContain('"number":1');
    });

    it.each([
      ['in 1970', 0],
      ['in 2004', Date.UTC(2004, 0, 1)],
      ['after the year 9999', Date.UTC(12_000, 0, 1)],
    ])('when the clock was never set and is %s, nothing is counted or stated', async (_what, time) => {
      await kit.init();
      kit.setNow(time);
      await rm(clockPath(kit.config.stateFolder), { force: true });
      const kinds = ['standard', 'summary', 'per-user'];
      const calls = [...kinds.map((kind) => ['--kind', kind]), ['statement', '--kind', 'standard']];
      for (const words of calls) {
        await rm(clockPath(kit.config.stateFolder), { force: true });
        const ended = await kit.ke(['ke_usage_report', ...words]);
        expect(ended).toMatchObject({ exitCode: 1, stdout: '' });
        expect(ended.stderr).toMatch(/the clock shows |check the machine’s clock/u);
      }
      expect((await kit.ke(['ke_usage_report', 'statements', '--json'])).stdout).toContain('"statements":[]');
    });

    it.each([
      ['the licence has no such plan', aPlan(), 'volume', 'BILLING_PLAN_MISSING'],
      ['the currency is unknown', aPlan({ currency: 'XXZ' }), 'graduated', 'BILLING_CURRENCY_UNKNOWN'],
      ['the plan has ended', aPlan({ to: '2026-10-31' }), 'graduated', 'BILLING_PLAN_NOT_IN_FORCE'],
    ])('when %s, the counts have no price, and the error says why', async (_what, plan, id, code) => {
      await kit.init();
      await kit.fill(50);
      const summary = usageSummarySchema.parse(JSON.parse((await kit.report('summary')).stdout));
      expect(() => priceMonth(findPlan([plan], id), summary)).toThrow(expect.objectContaining({ code }));
      expect(priceMonth(aPlan(), summary).total.known).toBe(true);
    });

    it('when tables are there without the record of a migration, a migration changes nothing', async () => {
      await kit.init();
      await kit.sql('DELETE FROM schema_migration');
      await expect(kit.init()).rejects.toMatchObject({ code: 'DATABASE_UNUSABLE' });
      await expect(kit.init()).rejects.toThrow('of unknown origin');
    });

    it.each(['is_admin = 2', 'connected_at = -1', `user_name = ''`])(
      'when another program sets %s, the database refuses it',
      async (change) => {
        await kit.init();
        await kit.fill(10);
        const before = (await kit.report('per-user')).stdout;
        await expect(kit.sql(`UPDATE account SET ${change} WHERE id = ?`, 1)).rejects.toMatchObject({
          code: 'DATABASE_UNUSABLE',
        });
        expect((await kit.report('per-user')).stdout).toBe(before);
      },
    );

    it.each([
      ['letters', 'a'],
      ['accented letters', 'é'],
      ['emoji, which are two units of UTF-16', '😀'],
      ['rare Chinese characters', '𠮷'],
    ])('when names have 320 %s, they are reported, and longer ones are refused', async (_what, character) => {
      await kit.init();
      await kit.fill(10);
      const columns = ['user_name', 'user_id', 'user_domain'];
      const set = (length: number, chosen: readonly string[]) =>
        kit.sql(
          `UPDATE account SET ${chosen.map((column) => `${column} = ?`).join(', ')} WHERE id = 3`,
          ...chosen.map(() => character.repeat(length)),
        );
      await set(320, columns);
      for (const column of columns)
        await expect(set(321, [column])).rejects.toMatchObject({ code: 'DATABASE_UNUSABLE' });
      const words = [['list'], ['list', '--names']];
      for (const isInternalLicence of [false, true]) {
        await kit.license({ internalDevelopment: true, isInternalLicence });
        for (const kind of ['standard', 'per-user', 'summary'])
          expect(await kit.report(kind)).toMatchObject({ exitCode: 0, stderr: '' });
        for (const rest of words)
          expect(await kit.ke(['ke_manage_accounts', ...rest, '--json'])).toMatchObject({ exitCode: 0 });
      }
      const { stdout } = await kit.report('per-user');
      expect(readUsageReport(stdout).accounts).toEqual({ all: 10, internal: 10 });
      expect(stdout).toContain(character.repeat(320));
    });

    it.each(['updated_at', 'last_request_at', 'deactivated_at'])(
      'when an account has an impossible time in %s, the error names its hash and the column',
      async (column) => {
        await kit.init();
        await kit.fill(10);
        await kit.sql(`UPDATE account SET ${column} = ? WHERE id = 7`, 9_000_000_000_000_000);
        const ended = await kit.report('per-user');
        expect(ended).toMatchObject({ exitCode: 1 });
        const hash = createHash('md5').update('7').digest('hex');
        expect(ended.stderr).toContain(`unexpected value in column ${column} of account ${hash}`);
      },
    );

    it('when a hash is searched, the accounts that have it are shown as the report has them', async () => {
      await kit.init();
      await kit.fill(accounts);
      await kit.license({ internalDevelopment: true });
      const lines = (await kit.report('per-user')).stdout.split('\n').slice(1, -2);
      const search = async (hash: string | null) => {
        const ended = await kit.report('per-user', '--hashed', hash ?? '');
        expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
        return usageSearchSchema.parse(JSON.parse(ended.stdout));
      };
      const people = [...makeAccounts(population)];
      const internal = people.findIndex(
        ({ isInternal, userName }) => isInternal && userName !== null && !userName.startsWith('A'),
      );
      for (const at of [0, 17, internal]) {
        const person = people[at];
        if (person === undefined) throw new Error('there is no such person');
        const texts = { account: String(person.id), userName: person.userName, userId: person.userId };
        for (const field of ['account', 'userName', 'userId'] as const) {
          const found = await search(hashField(field, texts[field]));
          expect(found.accounts.map(({ line }) => JSON.stringify(line))).toContain(lines[at]);
          expect(found.total).toBe(found.accounts.length);
          const [first] = found.accounts;
          // A person may have several accounts, each with an ID of its own.
          expect(field === 'userName' || (found.total === 1 && first?.fields.includes(field))).toBe(true);
        }
      }
      const domain = hashField('userDomain', 'PLANT.example ');
      const found = await search(domain);
      const sent = lines.filter((line) => line.includes(`"userDomain":"${domain}"`));
      const marked = lines.filter((line) => line.includes('"userDomain":"plant.example"'));
      expect(found.total).toBe(sent.length + marked.length);
      expect(found.accounts).toHaveLength(maxFoundAccounts);
      expect(sent.length).toBeGreaterThan(maxFoundAccounts);
      expect(await search('0'.repeat(32))).toMatchObject({ read: accounts, total: 0, accounts: [] });
    });

    it('when several hashes are on stdin, an account with any of them is found, in the named field only', async () => {
      await kit.init();
      await kit.fill(accounts);
      const [first, second] = [...makeAccounts(population)].filter(({ userName }) => userName !== null);
      const hashes = {
        account: hashField('account', `${first?.id}`),
        userId: hashField('userId', second?.userId ?? null),
      };
      const search = async (text: string) => {
        const ended = await kit.ke(['ke_usage_report', '--kind', 'per-user', '--hashed', '-'], text);
        expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
        return usageSearchSchema.parse(JSON.parse(ended.stdout));
      };
      const found = await search(`account ${hashes.account}\nuserId ${hashes.userId}\n`);
      expect(found).toMatchObject({ read: accounts, total: 2 });
      expect(found.accounts.map(({ fields }) => fields)).toEqual([['account'], ['userId']]);
      expect(await search(`userName ${hashes.account}\r\naccount ${hashes.userId}`)).toMatchObject({
        total: 0,
      });
      expect(await search(`${hashes.account}\n${hashes.userId}\n`)).toEqual(found);
    });

    it.each([
      ['is empty', '\n', 'is empty'],
      ['has a name', 'anna@example.com\n', 'line 1 '],
      ['has an unknown field', `${'0'.repeat(32)}\ntoken ${'0'.repeat(32)}\n`, 'line 2 '],
      ['is too long', `${'0'.repeat(32)}\n`.repeat(101), 'line 101 '],
    ])('when the list of hashes %s, refuse it and repeat nothing', async (_what, text, says) => {
      await kit.init();
      const ended = await kit.ke(['ke_usage_report', '--kind', 'per-user', '--hashed', '-'], text);
      expect(ended).toMatchObject({ exitCode: 2, stdout: '' });
      expect(ended.stderr).toContain(says);
      expect(ended.stderr).not.toMatch(/anna|token/u);
    });

    it.each([
      ['it is no MD5', ['per-user', '--hashed', 'anna@example.com'], '--hashed must be an MD5'],
      ['it has capital letters', ['per-user', '--hashed', 'A'.repeat(32)], '--hashed must be an MD5'],
      ['another report is named', ['summary', '--hashed', '0'.repeat(32)], 'for --kind per-user only'],
    ])('when a hash is searched and %s, refuse it', async (_what, [kind = '', ...rest], says) => {
      await kit.init();
      const ended = await kit.report(kind, ...rest);
      expect(ended).toMatchObject({ exitCode: 2, stdout: '' });
      expect(ended.stderr).toContain(says);
      expect(ended.stderr).not.toContain('anna');
    });

    it('when the clock was set ahead, the month is that of the uptime, and a note says so', async () => {
      await kit.init();
      await kit.fill(10);
      const before = await kit.report('standard');
      kit.setNow(accountsNow + 90 * dayMs);
      const after = await kit.report('standard');
      expect(after.stdout).toBe(before.stdout);
      expect(after.stderr).toContain('the clock was set ahead');
    });

    it('when the clock ran backwards, the month is that of the latest time, and a note says so', async () => {
      await kit.init();
      await kit.fill(10);
      const before = await kit.report('standard');
      kit.setNow(accountsNow - 90 * dayMs);
      const after = await kit.report('standard');
      expect(after.stdout).toBe(before.stdout);
      expect(after.stderr).toContain('the clock ran backwards');
    });

    it('when secrets are stored, they are encrypted and can be decrypted with the private key only', async () => {
      await kit.init();
      await kit.fill(100);
      const [account] = await kit.tokens();
      const [made] = [...makeAccounts({ ...population, accounts: 100 })].filter(
        ({ token }) => token !== null,
      );
      expect(account?.stored).not.toContain('token');
      expect(account?.open()).toBe(made?.token);
    });
  });
}

type Named = { userName: string | null; userId: string | null };
const listNames = ({ userName, userId }: Named) => [userName, userId].filter((name) => name !== null);

/** Names and user IDs of the population that are in a text. */
function findNames(text: string): string[] {
  const words = new Set(text.toLowerCase().match(/[^"\s{}:,]+/gu));
  return [...makeAccounts(population)].flatMap(listNames).filter((name) => words.has(name.toLowerCase()));
}

async function addAccount(kit: AccountKit): Promise<void> {
  await kit.sql(
    `INSERT INTO account (id, application_id, connector_id, user_name, connected_at, updated_at)
     SELECT MAX(id) + 1, 1, 1, 'added', ?, ? FROM account`,
    accountsNow - dayMs,
    accountsNow,
  );
}
