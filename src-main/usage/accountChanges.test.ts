import { afterEach, beforeEach, expect, test } from 'vitest';
import { AppError, toErrorData } from '../../src-shared/errors.ts';
import { licenceShowOutputSchema } from '../../src-shared/model/licence/licence.ts';
import { hashField } from '../../src-shared/model/usage/hashedFields.ts';
import { usageSummarySchema } from '../../src-shared/model/usage/usageSummary.ts';
import { dayMs } from '../../src-shared/base/time.ts';
import { accountsNow, startAccountKit, type AccountKit } from '../../test-support/accountKit.ts';
import { connectedLink } from '../../test-support/connectedLink.ts';
import { anEntry } from '../../test-support/anEntry.ts';
import { aPlan } from '../../test-support/billing/aPlan.ts';
import { createAccountsDriver } from '../driver/accountCommands.ts';
import { createUsageDriver } from '../driver/usageCommands.ts';
import type { Session } from '../ssh/types.ts';
import { createAccountChanges } from './accountChanges.ts';
import type { KeptCounts } from './keptCounts.ts';

const entry = anEntry('quay-01');
let kit: AccountKit;
/** Every command line and every record of the console. */
let sent: string[];
let recorded: string[];
let isLocked: boolean;
/** The counts of earlier days. */
let history: KeptCounts[];
/** Called after a command ran, to lose its answer. */
let afterRun: (argv: readonly string[]) => void;

beforeEach(async () => {
  kit = await startAccountKit();
  await kit.init();
  await kit.fill(300);
  await kit.license({ internalDevelopment: true, plan: 'graduated' }, [
    aPlan(),
    aPlan({ id: 'flat', label: 'Flat', lines: [{ kind: 'flat', id: 'fee', label: 'Fee', amount: '100' }] }),
  ]);
  sent = [];
  recorded = [];
  isLocked = false;
  history = [];
  afterRun = () => undefined;
});
afterEach(() => kit.stop());

const run: Session['run'] = async ({ argv, stdin }) => {
  sent.push(argv.join(' '));
  const ended = await kit.ke(argv, stdin ?? '');
  afterRun(argv);
  return { ...ended, signal: null };
};
const unused = () => Promise.reject(new AppError('COMMAND_FAILED', 'not used'));
const licence = async () =>
  licenceShowOutputSchema.parse(
    JSON.parse((await kit.ke(['ke_manage_license_key', 'show', '--json'])).stdout),
  );

/** The console's own parts over the kit's real commands. */
function start() {
  const parts = { run, privileged: false };
  return createAccountChanges({
    inventory: {
      get: () => entry,
      assertUnlocked: () => {
        if (isLocked) throw new AppError('APPLIANCE_LOCKED', 'locked');
      },
    },
    links: {
      hold: () => () => undefined,
      waitUntilSettled: async () => connectedLink,
      of: () => ({
        driver: {
          licence,
          usage: createUsageDriver({ ...parts, session: { stream: unused }, isInstalled: unused }),
          accounts: createAccountsDriver(parts),
        },
      }),
    },
    kept: { list: () => history },
    audit: {
      act: async (action, work) => {
        recorded.push(JSON.stringify(action));
        try {
          return await work();
        } catch (thrown) {
          recorded.push(JSON.stringify(toErrorData(thrown)));
          throw thrown;
        }
      },
    },
  });
}

const assumed = { applianceId: entry.id, marks: null, idleDays: null, planId: null };
const hashOf = (account: number) => hashField('account', `${account}`) ?? '';
/** The accounts of the page that the operator chose from. */
const choose = async (changes: ReturnType<typeof start>, count: number) => {
  const page = { application: null, idleDays: null, hasNames: true, skip: 0, limit: 100 };
  const { accounts } = await changes.accounts({ applianceId: entry.id, ...page });
  return accounts.filter(({ markedBy, line }) => markedBy === null && line.active).slice(0, count);
};
const reportOf = async () => (await kit.report('per-user')).stdout;

test('when accounts are marked and deactivated, the prices are those of the appliance after it applied them', async () => {
  const changes = start();
  const chosen = await choose(changes, 5);
  const marks = { hashes: chosen.map(({ hash }) => hash) };
  const former = await reportOf();
  const { priced, change, permitsMarks, plans } = await changes.whatIf({ ...assumed, marks, idleDays: 60 });
  expect(await reportOf()).toBe(former);
  expect(permitsMarks).toBe(true);
  expect(priced.plainText.added).toBe(5);
  expect(priced.steps.map(({ label }) => label)).toEqual([
    'Mark as internal: 5 accounts',
    expect.stringMatching(/^Deactivate \d+ accounts without a request for 60 days$/u),
  ]);
  expect(plans).toEqual([
    { id: 'graduated', label: 'Per user, graduated', currency: 'EUR', total: priced.after.total },
    { id: 'flat', label: 'Flat', currency: 'EUR', total: { known: true, value: '100.00' } },
  ]);
  if (change === null) throw new Error('no card');
  expect(change.command).toBe(`ke_manage_accounts apply --json --expect ${change.digest} -`);
  const request = { applianceId: entry.id, steps: change.steps, digest: change.digest, reason: 'CHG-1' };
  expect(await changes.apply(request)).toEqual({ state: 'done', message: 'All changes are made.' });
  expect((await changes.whatIf(assumed)).priced.before.total).toEqual(priced.after.total);

  const { change: undo } = await changes.plan({ applianceId: entry.id, steps: change.undo.steps ?? [] });
  await changes.apply({ ...request, steps: undo.steps, digest: undo.digest });
  expect((await changes.whatIf(assumed)).priced.before.plainTextAccounts).toBe(
    priced.before.plainTextAccounts,
  );
});

test('when days were kept, the bills before and after are projected by the same rule', async () => {
  const changes = start();
  const { priced, projected } = await changes.whatIf({ ...assumed, idleDays: 60 });
  expect(projected.before).toMatchObject({ known: false, code: 'BILLING_HISTORY_SHORT' });
  expect(priced.before.total).not.toEqual(priced.after.total);
  const summary = usageSummarySchema.parse(JSON.parse((await kit.report('summary')).stdout));
  history = Array.from({ length: 12 }, (_, day) => ({
    summary: { ...summary, takenAt: new Date(accountsNow - (12 - day) * dayMs).toISOString() },
    plan: null,
  }));
  const { projected: grown } = await changes.whatIf({ ...assumed, idleDays: 60 });
  // The accounts did not grow.
  expect(grown.before).toMatchObject({ known: true, invoice: { total: priced.before.total } });
  expect(grown.after).toMatchObject({ known: true, daysLeft: 10, invoice: { total: priced.after.total } });
});

test('when names are read and accounts changed, no argument and no record has a name, an ID or a hash of one', async () => {
  const changes = start();
  const chosen = await choose(changes, 5);
  const { change } = await changes.whatIf({ ...assumed, marks: { hashes: chosen.map(({ hash }) => hash) } });
  if (change === null) throw new Error('no card');
  await changes.apply({ applianceId: entry.id, steps: change.steps, digest: change.digest, reason: 'CHG-1' });
  const written = `${sent.join('\n')}\n${recorded.join('\n')}\n${kit.logged.join('\n')}`;
  const texts = chosen.flatMap(({ hash, names }) =>
    [hash, names?.userName ?? [], names?.userId ?? []].flat(),
  );
  expect(texts.length).toBeGreaterThan(10);
  expect(texts.filter((text) => written.includes(text))).toEqual([]);
  expect(recorded.map((record) => JSON.parse(record)).map(({ event, detail }) => [event, detail])).toEqual([
    ['usage.names', 'names of accounts, not kept'],
    ['usage.change', 'mark-internal of 5 named accounts'],
  ]);
  expect(sent.some((line) => line.startsWith('ke_manage_accounts apply'))).toBe(true);
});

test('when other accounts would be changed by then, the change is refused and nothing is changed', async () => {
  const changes = start();
  const { change } = await changes.whatIf({ ...assumed, idleDays: 60 });
  if (change === null) throw new Error('no card');
  const { accounts } = await changes.accounts({ ...pageOf(60), applianceId: entry.id });
  await kit.ke(['ke_manage_accounts', 'deactivate', '-'], accounts[0]?.hash);
  const former = await reportOf();
  const request = { applianceId: entry.id, steps: change.steps, digest: change.digest, reason: 'CHG-1' };
  await expect(changes.apply(request)).rejects.toMatchObject({ code: 'CONFLICT' });
  isLocked = true;
  await expect(changes.apply(request)).rejects.toMatchObject({ code: 'APPLIANCE_LOCKED' });
  expect(await reportOf()).toBe(former);
});
const pageOf = (idleDays: number) => ({ application: null, idleDays, hasNames: false, skip: 0, limit: 1 });

test('when the connection is lost after the change, the appliance is asked what became of it', async () => {
  const changes = start();
  const { change } = await changes.whatIf({ ...assumed, idleDays: 60 });
  if (change === null) throw new Error('no card');
  const request = { applianceId: entry.id, steps: change.steps, digest: change.digest, reason: 'CHG-1' };
  afterRun = (argv) => {
    if (argv.includes('apply')) throw new AppError('LINK_LOST', 'lost');
  };
  expect(await changes.apply(request)).toMatchObject({ state: 'done' });
  afterRun = () => {
    throw new AppError('LINK_LOST', 'lost');
  };
  expect(await changes.apply(request)).toMatchObject({ state: 'unknown' });
});

test('when the licence permits no marks, a what-if with marks is refused, and the plan alone changes nothing', async () => {
  const changes = start();
  await kit.license({ internalDevelopment: false, plan: 'graduated' }, [aPlan()]);
  await expect(changes.whatIf({ ...assumed, marks: { hashes: [hashOf(1)] } })).rejects.toMatchObject({
    code: 'LICENCE_FORBIDS',
  });
  const { permitsMarks, change, priced } = await changes.whatIf({ ...assumed, planId: 'graduated' });
  expect({ permitsMarks, change }).toEqual({ permitsMarks: false, change: null });
  expect(priced.before.total).toEqual(priced.after.total);
  await expect(changes.whatIf({ ...assumed, planId: 'volume' })).rejects.toMatchObject({
    code: 'BILLING_PLAN_MISSING',
  });
});

test('when the kit is too old for plans, says so', async () => {
  const changes = start();
  afterRun = (argv) => {
    if (argv.includes('plan')) throw new AppError('INVALID_INPUT', 'usage');
  };
  await expect(changes.whatIf({ ...assumed, idleDays: 60 })).rejects.toMatchObject({
    code: 'COMMAND_MISSING',
  });
});
