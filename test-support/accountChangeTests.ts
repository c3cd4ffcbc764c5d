import { writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clockPath } from '../src-appliance/core/licence/moment.ts';
import { makeAccounts } from '../src-appliance/lab/accounts/population.ts';
import { dayMs } from '../src-shared/base/time.ts';
import { accountPlanSchema, type AccountStep } from '../src-shared/model/usage/accountPlan.ts';
import {
  accountChangeSchema,
  accountListSchema,
  applicationListSchema,
  type AccountList,
} from '../src-shared/model/usage/manageAccounts.ts';
import { accountLineSchema } from '../src-shared/model/usage/usageReport.ts';
import { usageSummarySchema } from '../src-shared/model/usage/usageSummary.ts';
import { accountsNow, type AccountKit } from './accountKit.ts';

const program = 'ke_manage_accounts';
const accounts = 700;

const hashesOf = ({ accounts: found }: AccountList) => found.map(({ line }) => line.account).join('\n');

/** The same tests of `ke_manage_accounts` for each database that can hold the accounts. */
export function describeAccountChanges(database: { name: string; start: () => Promise<AccountKit> }): void {
  let kit: AccountKit;
  beforeEach(async () => {
    kit = await database.start();
    await kit.init();
    await kit.fill(accounts);
  });
  afterEach(() => kit.stop());

  const list = async (...words: string[]): Promise<AccountList> => {
    const { stdout, stderr } = await kit.ke([program, 'list', '--json', ...words]);
    expect(stderr).toBe('');
    return accountListSchema.parse(JSON.parse(stdout));
  };
  const change = async (words: readonly string[], stdin = '') => {
    const ended = await kit.ke([program, ...words, '--json'], stdin);
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
    return accountChangeSchema.parse(JSON.parse(ended.stdout));
  };

  const plan = async (steps: AccountStep[], words = ['plan', '-']) => {
    const ended = await kit.ke([program, ...words, '--json'], JSON.stringify(steps));
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
    return accountPlanSchema.parse(JSON.parse(ended.stdout));
  };
  const summary = async () => usageSummarySchema.parse(JSON.parse((await kit.report('summary')).stdout));
  const hashedList = async (...words: string[]) => (await list(...words)).accounts.map(({ hash }) => hash);

  describe(`accounts in ${database.name}`, () => {
    it('when pages are read, they have each account once, and no name unless names are asked for', async () => {
      const pages: AccountList['accounts'] = [];
      for (let skip = 0; skip < accounts; skip += 500)
        pages.push(...(await list('--limit', '500', '--skip', `${skip}`)).accounts);
      expect(new Set(pages.map(({ line }) => line.account)).size).toBe(accounts);
      expect(JSON.stringify(pages)).not.toContain('example');
      const [named] = (await list('--names', '--limit', '1')).accounts;
      const [made] = [...makeAccounts({ seed: 'kiln', accounts, now: accountsNow })];
      expect(named?.names).toEqual({
        account: '1',
        userName: made?.userName,
        userId: made?.userId,
        userDomain: made?.userDomain,
      });
    });

    it('when the licence permits no marks, refuses to mark, and a mark that is there changes no report', async () => {
      const before = (await kit.report('per-user')).stdout;
      const some = hashesOf(await list('--limit', '3'));
      for (const words of [
        ['mark-internal', '-'],
        ['mark-internal', '--application', '1'],
      ])
        expect(await kit.ke([program, ...words], some)).toMatchObject({ exitCode: 6, stdout: '' });
      await kit.license({ internalDevelopment: false });
      const refused = await kit.ke([program, 'mark-internal', '-'], some);
      expect(refused).toMatchObject({ exitCode: 6, stdout: '' });
      expect(refused.stderr).toContain('the vendor enables them');
      expect((await kit.report('per-user')).stdout).toBe(before);
      expect((await list('--marked')).total).toBeGreaterThan(0);
    });

    it('when accounts are marked and unmarked, exactly those are in plain text in between', async () => {
      await kit.license({ internalDevelopment: true });
      const before = (await kit.report('per-user')).stdout;
      const chosen = await list('--connector', 'webdav', '--limit', '7');
      const already = chosen.accounts.filter(({ markedBy }) => markedBy === 'account').length;
      const text = `${hashesOf(chosen)}\r\n\n`;
      expect(await change(['mark-internal', '-', '--dry-run'], text)).toMatchObject({ changed: 7 - already });
      expect((await kit.report('per-user')).stdout).toBe(before);
      expect(await change(['mark-internal', '-'], text)).toMatchObject({
        isDryRun: false,
        changed: 7 - already,
        unchanged: already,
      });
      expect(await change(['mark-internal', '-'], text)).toMatchObject({ changed: 0, unchanged: 7 });
      const [was, now] = [before, (await kit.report('per-user')).stdout].map((report) => report.split('\n'));
      const differing = now?.slice(0, -2).filter((line, at) => line !== was?.[at]) ?? [];
      expect(differing).toHaveLength(7 - already);
      for (const line of differing)
        expect(JSON.parse(line)).toMatchObject({ internal: true, connector: 'webdav' });
      expect(await change(['unmark', '-'], text)).toMatchObject({ changed: 7, unchanged: 0 });
    });

    it('when an application is marked, all of its accounts are internal', async () => {
      await kit.license({ internalDevelopment: true });
      const { total } = await list('--application', '2');
      const internalBefore = Number(
        /"internal":(\d+)\}\n$/u.exec((await kit.report('per-user')).stdout)?.[1],
      );
      const marked = (await list('--application', '2', '--limit', '500')).accounts;
      const ownMarks = marked.filter(({ markedBy }) => markedBy !== null).length;
      expect(await change(['mark-internal', '--application', '2'])).toMatchObject({
        what: 'application',
        changed: 1,
      });
      const report = (await kit.report('per-user')).stdout;
      expect(report).toMatch(new RegExp(`"internal":${internalBefore + total - ownMarks}\\}\n$`, 'u'));
      const unknown = await kit.ke([program, 'mark-internal', '--application', '999']);
      expect(unknown).toMatchObject({ exitCode: 3, stdout: '' });
    });

    it('when idle accounts are deactivated, those without a request since then are inactive from then on', async () => {
      const idle = [...makeAccounts({ seed: 'kiln', accounts, now: accountsNow })].filter(
        ({ deactivatedAt, lastRequestAt, connectedAt }) =>
          deactivatedAt === null && (lastRequestAt ?? connectedAt) < accountsNow - 60 * dayMs,
      );
      expect(idle.length).toBeGreaterThan(10);
      expect((await list('--idle-days', '60')).total).toBe(idle.length);
      const active = (await list('--state', 'active')).total;
      expect(await change(['deactivate', '--idle-days', '60'])).toMatchObject({ changed: idle.length });
      expect((await list('--state', 'active')).total).toBe(active - idle.length);
      expect((await list('--idle-days', '60')).total).toBe(0);
    });

    it('when one of the named accounts is not there, none is changed', async () => {
      const active = (await list('--state', 'active')).total;
      const text = `${hashesOf(await list('--limit', '2'))}\n${'0'.repeat(32)}`;
      const ended = await kit.ke([program, 'deactivate', '-'], text);
      expect(ended).toMatchObject({ exitCode: 3, stdout: '' });
      expect(ended.stderr).toContain('1 of 3 accounts are not there; nothing was changed');
      expect((await list('--state', 'active')).total).toBe(active);
    });

    it.each<[string, () => Promise<unknown> | void]>([
      ['is set ahead by 400 days', () => kit.setNow(accountsNow + 400 * dayMs)],
      ['is set ahead by 2 days', () => kit.setNow(accountsNow + 2 * dayMs)],
      ['has a damaged mark', () => writeFile(clockPath(kit.config.stateFolder), '{')],
      [
        'was ahead over a restart',
        async () => {
          await kit.passTime(accountsNow + 400 * dayMs);
          await list('--limit', '1');
          kit.setNow(accountsNow);
        },
      ],
    ])('when the clock %s, no change that depends on the time is made', async (_what, makeWrong) => {
      await kit.license({ internalDevelopment: true });
      const some = await list('--limit', '5');
      const count = () =>
        kit.sql('UPDATE account SET id = id WHERE deactivated_at IS NULL OR is_internal = 1');
      const before = await count();
      await makeWrong();
      for (const words of [
        ['deactivate', '--idle-days', '60'],
        ['deactivate', '--idle-days', '60', '--dry-run'],
        ['deactivate', '-'],
        ['mark-internal', '--idle-days', '60'],
        ['unmark', '--idle-days', '60'],
      ]) {
        const ended = await kit.ke([program, ...words], hashesOf(some));
        // An expired licence refuses marks before the clock does.
        expect(words[0] === 'mark-internal' ? [1, 6] : [1]).toContain(ended.exitCode);
        expect(ended.stdout).toBe('');
      }
      expect(await count()).toBe(before);
      expect(await change(['unmark', '-'], hashesOf(some))).toMatchObject({ what: 'accounts' });
    });

    it('when another command holds the lock of the appliance, the tables are brought up to date', async () => {
      expect(await kit.appliance.lock(() => kit.init())).toMatchObject({ migrations: 0 });
    });

    it.each<[string, () => Promise<string[]>]>([
      [
        'the first column of the list',
        async () => (await kit.ke([program, 'list', '--marked', '--limit', '500'])).stdout.split('\n'),
      ],
      [
        'the first column of the list with names',
        async () =>
          (await kit.ke([program, 'list', '--marked', '--names', '--limit', '500'])).stdout.split('\n'),
      ],
      [
        'the hashes of the list as JSON',
        async () => (await list('--marked', '--limit', '500')).accounts.map(({ hash }) => hash),
      ],
      [
        'the accounts of the list as JSON',
        async () => (await list('--marked', '--limit', '500')).accounts.map(({ line }) => line.account),
      ],
      [
        'the accounts of the report',
        async () => {
          const lines = (await kit.report('per-user')).stdout
            .split('\n')
            .filter((one) => one.endsWith('true}'));
          return lines.map((line) => accountLineSchema.parse(JSON.parse(line)).account);
        },
      ],
    ])('when marked accounts are named by %s, they are unmarked', async (_what, read) => {
      await kit.license({ internalDevelopment: true });
      const chosen = await list('--connector', 'webdav', '--limit', '9');
      await change(['mark-internal', '-'], hashesOf(chosen));
      const { total } = await list('--marked');
      const byApplication = (await list('--marked', '--limit', '500')).accounts.filter(
        ({ markedBy }) => markedBy === 'application',
      ).length;
      const text = (await read()).map((line) => line.split(' ')[0]).join('\n');
      const { changed, unchanged } = await change(['unmark', '-'], text);
      expect(changed).toBeGreaterThanOrEqual(9);
      expect(changed + unchanged).toBe(total);
      expect((await list('--marked')).total).toBe(byApplication);
    });

    it('when the first page is asked for by its number, it is the one without a number', async () => {
      const first = await list('--limit', '3');
      expect(await list('--limit', '3', '--skip', '0')).toEqual(first);
      expect((await list('--limit', '3', '--skip', '1')).accounts[0]).toEqual(first.accounts[1]);
      expect(first.accounts[0]?.line.account).toBe(first.accounts[0]?.hash);
    });

    it('when steps are planned, the counts after each are those of the appliance after they are applied', async () => {
      await kit.license({ internalDevelopment: true });
      const unplanned = (await kit.report('per-user')).stdout;
      const hashes = await hashedList('--state', 'active', '--connector', 'webdav', '--limit', '7');
      const steps: AccountStep[] = [
        { action: 'mark-internal', accounts: { hashes } },
        { action: 'deactivate', accounts: { idleDays: 60 } },
      ];
      const before = await summary();
      const planned = await plan(steps);
      expect(planned).toMatchObject({ isApplied: false, before });
      expect((await kit.report('per-user')).stdout).toBe(unplanned);
      const [marked, idle] = planned.steps;
      expect((marked?.changed ?? 0) + (marked?.unchanged ?? 0)).toBe(7);
      expect(marked?.changedHashes).toHaveLength(marked?.changed ?? -1);
      expect(idle?.changed).toBe((await list('--idle-days', '60')).total);
      expect(idle?.after?.assumed).toEqual({
        markedInternal: marked?.changed,
        deactivated: idle?.changed,
        idleDays: 60,
      });
      const applied = await plan(steps, ['apply', '--expect', planned.digest, '-']);
      expect(applied).toMatchObject({ isApplied: true, before: null, digest: planned.digest });
      const after = await summary();
      expect({ ...idle?.after, assumed: null, takenAt: '' }).toEqual({ ...after, takenAt: '' });
      expect(after).not.toEqual(before);
      expect(await plan(steps)).toMatchObject({ steps: [{ changed: 0 }, { changed: 0 }] });
    });

    it('when marks are undone by the changed hashes, the report is the former one', async () => {
      await kit.license({ internalDevelopment: true });
      const former = (await kit.report('per-user')).stdout;
      const hashes = await hashedList('--limit', '40');
      const steps: AccountStep[] = [{ action: 'mark-internal', accounts: { hashes } }];
      const { digest, steps: made } = await plan(steps);
      await plan(steps, ['apply', '--expect', digest, '-']);
      expect((await kit.report('per-user')).stdout).not.toBe(former);
      const undo: AccountStep[] = [{ action: 'unmark', accounts: { hashes: made[0]?.changedHashes ?? [] } }];
      await plan(undo, ['apply', '--expect', (await plan(undo)).digest, '-']);
      expect((await kit.report('per-user')).stdout).toBe(former);
    });

    it('when other accounts would be changed than those of the plan, nothing is changed', async () => {
      await kit.license({ internalDevelopment: true });
      const steps: AccountStep[] = [
        { action: 'mark-internal', accounts: { application: 2 } },
        { action: 'deactivate', accounts: { idleDays: 60 } },
      ];
      const { digest } = await plan(steps);
      const [idle = ''] = await hashedList('--idle-days', '60');
      await change(['deactivate', '-'], idle);
      const former = (await kit.report('per-user')).stdout;
      const refused = await kit.ke([program, 'apply', '--expect', digest, '-'], JSON.stringify(steps));
      expect(refused).toMatchObject({ exitCode: 3, stdout: '' });
      expect(refused.stderr).toContain('CONFLICT');
      expect((await kit.report('per-user')).stdout).toBe(former);
    });

    it('when applications are listed, their accounts are those of the list of accounts', async () => {
      const ended = await kit.ke([program, 'applications', '--json']);
      const { applications, isComplete } = applicationListSchema.parse(JSON.parse(ended.stdout));
      expect(isComplete).toBe(true);
      expect(applications.reduce((sum, one) => sum + one.accounts, 0)).toBe(accounts);
      const [largest] = applications;
      const number = `${largest?.number}`;
      expect(largest).toMatchObject({
        accounts: (await list('--application', number)).total,
        active: (await list('--application', number, '--state', 'active')).total,
      });
    });

    it('when single accounts of a marked application are unmarked, they still count as internal', async () => {
      await kit.license({ internalDevelopment: true });
      const marked = (await list('--marked', '--limit', '500')).accounts;
      const [one] = marked.filter(({ markedBy }) => markedBy === 'account');
      const number = one?.application.number ?? 0;
      const mark: AccountStep[] = [{ action: 'mark-internal', accounts: { application: number } }];
      await plan(mark, ['apply', '--expect', (await plan(mark)).digest, '-']);
      const before = await summary();
      const steps: AccountStep[] = [{ action: 'unmark', accounts: { hashes: [one?.hash ?? ''] } }];
      const planned = await plan(steps);
      expect(planned.steps[0]).toMatchObject({ changed: 1, after: { connectors: before.connectors } });
      await plan(steps, ['apply', '--expect', planned.digest, '-']);
      expect((await summary()).connectors).toEqual(before.connectors);
    });

    it('when an application is marked, its accounts without a mark become internal', async () => {
      await kit.license({ internalDevelopment: true });
      const ofApplication = await list('--application', '2', '--limit', '500');
      const unmarked = ofApplication.accounts.filter(({ markedBy }) => markedBy === null).length;
      const { steps } = await plan([{ action: 'mark-internal', accounts: { application: 2 } }]);
      expect(steps[0]).toMatchObject({ changed: unmarked, unchanged: ofApplication.total - unmarked });
    });

    it('when the licence permits no marks, a plan with marks is refused, and one without is made', async () => {
      await kit.license({ internalDevelopment: false });
      const marks = JSON.stringify([{ action: 'mark-internal', accounts: { application: 1 } }]);
      const refused = await kit.ke([program, 'plan', '-'], marks);
      expect(refused).toMatchObject({ exitCode: 6, stdout: '' });
      expect((await plan([{ action: 'deactivate', accounts: { idleDays: 60 } }])).isApplied).toBe(false);
    });
  });
}
