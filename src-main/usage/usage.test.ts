import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AppError } from '../../src-shared/errors.ts';
import type { BillingPlan } from '../../src-shared/model/billing/billingPlan.ts';
import { columnMappingSchema } from '../../src-shared/model/billing/vendorInvoice.ts';
import type { LicenceShowOutput } from '../../src-shared/model/licence/licence.ts';
import { everyRow, hashSearch, maxFoundRows } from '../../src-shared/model/usage/reportRows.ts';
import type { AccountLine } from '../../src-shared/model/usage/usageReport.ts';
import type { UsageSummary } from '../../src-shared/model/usage/usageSummary.ts';
import { aLicence } from '../../test-support/aLicence.ts';
import { connectedLink } from '../../test-support/connectedLink.ts';
import { anInput } from '../../test-support/anEntry.ts';
import { aPlan } from '../../test-support/billing/aPlan.ts';
import { makeAccounts, summarize } from '../../test-support/billing/population.ts';
import { createUsageDriver, type UsageDriver } from '../driver/usageCommands.ts';
import { createInventory } from '../inventory/inventory.ts';
import { openStore, type Store } from '../store/store.ts';
import { createKeptCounts } from './keptCounts.ts';
import type { UsageLinks } from './readCounts.ts';
import { createUsage } from './usage.ts';

let folder: string;
let store: Store;
let now: number;
/** What each appliance answers, by the month; an error if it can't. */
let summaries: Map<string, (month: string | null) => UsageSummary | AppError>;
let licence: LicenceShowOutput;
let trail: unknown[];
let rows: AccountLine[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-usage-'));
  store = openStore({ folder });
  now = Date.parse('2026-11-20T09:31:00.000Z');
  summaries = new Map();
  trail = [];
  rows = [];
  licence = licenced([aPlan()]);
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const licenced = (plans: BillingPlan[]) =>
  aLicence({
    state: 'valid',
    entitlements: { accounts: null, connectors: ['smb'], plan: 'graduated', internalDevelopment: false },
    plans,
  });

const refuse = () => Promise.reject(new AppError('COMMAND_FAILED', 'not used'));

const reportRows: UsageDriver['report'] = async function* report(_request, _onRead, onAccount) {
  for (const row of rows) onAccount?.(row);
  yield Buffer.from('report');
};

function start() {
  const inventory = createInventory({ store, clock: () => now, operator: 'ada' });
  const unused = createUsageDriver({
    session: { stream: refuse },
    run: refuse,
    privileged: false,
    isInstalled: refuse,
  });
  const links: UsageLinks = {
    hold: () => () => undefined,
    waitUntilSettled: async () => connectedLink,
    of: (id) => ({
      driver: {
        licence: async () => licence,
        usage: {
          ...unused,
          summary: async (month) => {
            const answer = summaries.get(id)?.(month) ?? new AppError('COMMAND_MISSING', 'no command');
            if (answer instanceof AppError) throw answer;
            return answer;
          },
          report: reportRows,
          search: async () => ({
            contract: 1,
            month: '2026-11',
            read: rows.length,
            total: 30,
            accounts: Array.from({ length: 30 }, () => ({ fields: ['userName'], line: anAccount })),
          }),
        },
      },
    }),
  };
  const usage = createUsage({
    inventory,
    links,
    store,
    kept: createKeptCounts({ store, clock: () => now }),
    audit: {
      act: async (action, work) => {
        trail.push(action);
        return work();
      },
    },
    clock: () => now,
  });
  const add = (name: string, answer: (month: string | null) => UsageSummary | AppError): string => {
    const { id } = inventory.add(anInput(name), []);
    summaries.set(id, answer);
    return id;
  };
  return { usage, add };
}

const counted = (users: number, takenAt = new Date(now).toISOString(), month = '2026-11') =>
  summarize([...makeAccounts(users), ...makeAccounts(2, { admin: true })], { month, takenAt });
const broken = new AppError('DATABASE_UNUSABLE', 'the database can’t be used');
const known = (value: string) => ({ known: true, value });

test('when appliances count, each has its invoice, and the fleet has their sum', async () => {
  const { usage, add } = start();
  const ids = [add('quay-01', () => counted(10)), add('quay-02', () => counted(20))];
  const { appliances, fleet } = await usage.preview(ids, null);
  expect(appliances.map(({ invoice }) => invoice?.total)).toEqual([known('30.00'), known('42.00')]);
  expect(appliances[0]).toMatchObject({
    error: null,
    lastGood: null,
    projection: { known: false, daysLeft: 10 },
  });
  expect(fleet).toMatchObject({ isComplete: true, missing: [], totals: [{ currency: 'EUR', sum: '72.00' }] });
});

test('when an appliance can’t count, it is not in the sum, and its last complete counts have their age', async () => {
  const { usage, add } = start();
  const ids = [add('quay-01', () => counted(10)), add('quay-02', () => counted(20))];
  await usage.preview(ids, null);
  summaries.set(ids[1] ?? '', () => broken);
  now += 3_600_000;
  const { appliances, fleet } = await usage.preview(ids, null);
  expect(appliances[1]).toMatchObject({
    invoice: null,
    projection: null,
    error: { code: 'DATABASE_UNUSABLE', message: 'the database can’t be used' },
    lastGood: { month: '2026-11', ageSeconds: 3600, invoice: { total: known('42.00') } },
  });
  expect(fleet).toMatchObject({
    isComplete: false,
    totals: [{ sum: '30.00' }],
    missing: [{ name: 'quay-02', code: 'DATABASE_UNUSABLE' }],
  });
});

test('when counts are cut short, no amount is known, and the last complete counts are shown', async () => {
  const { usage, add } = start();
  const id = add('quay-01', () => counted(10));
  await usage.preview([id], null);
  summaries.set(id, () => ({ ...counted(1), cutShort: 'the database ended' }));
  const { appliances, fleet } = await usage.preview([id], null);
  expect(appliances[0]).toMatchObject({
    invoice: { total: { known: false, code: 'BILLING_COUNTS_INCOMPLETE' } },
    error: { code: 'BILLING_COUNTS_INCOMPLETE', message: 'the database ended' },
    lastGood: { invoice: { total: known('30.00') } },
  });
  expect(fleet).toMatchObject({ isComplete: false, totals: [{ sum: null }] });
});

test.each([
  ['the licence has no such plan', () => licenced([aPlan({ id: 'other' })]), 'BILLING_PLAN_MISSING'],
  ['there is no licence', () => aLicence({ state: 'missing' }), 'BILLING_PLAN_MISSING'],
  ['the currency is unknown', () => licenced([aPlan({ currency: 'XXZ' })]), 'BILLING_CURRENCY_UNKNOWN'],
  ['the plan is over', () => licenced([aPlan({ to: '2026-10-31' })]), 'BILLING_PLAN_NOT_IN_FORCE'],
] as const)('when %s, the invoice is missing and says why', async (_what, given, code) => {
  const { usage, add } = start();
  licence = given();
  const { appliances, fleet } = await usage.preview([add('quay-01', () => counted(10))], null);
  expect(appliances[0]).toMatchObject({ invoice: null, error: { code } });
  expect(fleet).toMatchObject({ totals: [], missing: [{ code }] });
});

test('when the counts grew for days, the end of the month is projected from the kept ones', async () => {
  const { usage, add } = start();
  const id = add('quay-01', () => counted(10));
  for (let day = 1; day <= 20; day += 1) {
    now = Date.UTC(2026, 10, day, 9);
    summaries.set(id, () => counted(10 * day));
    await usage.preview([id], null);
  }
  const { appliances } = await usage.preview([id], null);
  expect(appliances[0]).toMatchObject({
    projection: { known: true, daysLeft: 10, invoice: { total: known('378.00') }, low: known('378.00') },
  });
});

test('when a month costs more, quantity and price explain it with the plan that was kept in the other month', async () => {
  const { usage, add } = start();
  const id = add('quay-01', (month) => counted(10, new Date(now).toISOString(), month ?? '2026-10'));
  now = Date.parse('2026-10-31T12:00:00.000Z');
  await usage.preview([id], null);
  now = Date.parse('2026-11-20T12:00:00.000Z');
  licence = licenced([
    aPlan({
      lines: aPlan().lines.map((line) => (line.kind === 'perUnit' ? { ...line, unitPrice: '11' } : line)),
    }),
  ]);
  summaries.set(id, (month) =>
    counted(month === '2026-10' ? 10 : 30, new Date(now).toISOString(), month ?? '2026-11'),
  );
  const compared = await usage.compare(id, { month: null, against: null });
  expect(compared).toMatchObject({
    before: { month: '2026-10', planSource: 'kept', invoice: { total: known('30.00') } },
    after: { month: '2026-11', planSource: 'licence', invoice: { total: known('58.00') } },
    comparison: { difference: known('28.00'), quantity: known('24.00'), price: known('4.00') },
  });
});

test('when an appliance can’t count, months are compared by kept counts, or the error is thrown', async () => {
  const { usage, add } = start();
  const id = add('quay-01', (month) => counted(10, new Date(now).toISOString(), month ?? '2026-11'));
  await usage.compare(id, { month: null, against: null });
  summaries.set(id, () => broken);
  expect(await usage.compare(id, { month: null, against: null })).toMatchObject({
    before: { source: 'kept', error: { code: 'DATABASE_UNUSABLE' } },
    after: { source: 'kept' },
  });
  await expect(usage.compare(id, { month: null, against: '2026-08' })).rejects.toBe(broken);
});

const invoiceOf = (users: number) =>
  `Line,Quantity,Amount\n"Active users, first 1,000",${users},${users * 1.2}\nAdmin accounts,2,18\n`;
const invoiceMapping = columnMappingSchema.parse({
  columns: { label: 'Line', amount: 'Amount', quantity: 'Quantity' },
  decimalSeparator: '.',
});

test('when an invoice is compared, the plan of its month prices the counts, and a kept day explains the rest', async () => {
  const { usage, add } = start();
  const id = add('quay-01', (month) => counted(20, new Date(now).toISOString(), month ?? '2026-10'));
  now = Date.parse('2026-10-29T12:00:00.000Z');
  await usage.preview([id], null);
  now = Date.parse('2026-11-20T12:00:00.000Z');
  licence = licenced([]);
  summaries.set(id, (month) => counted(10, new Date(now).toISOString(), month ?? '2026-11'));
  const request = { applianceId: id, month: '2026-10', text: invoiceOf(20), mapping: invoiceMapping };
  expect(await usage.reconcile(request)).toMatchObject({
    source: 'appliance',
    planSource: 'kept',
    reconciliation: {
      difference: known('12.00'),
      differing: 1,
      lines: [
        { state: 'differs', why: expect.stringContaining('The counts of 2026-10-29 have 20, too.') },
        { state: 'equal' },
      ],
    },
  });
  summaries.set(id, () => broken);
  now += 86_400_000;
  expect(await usage.reconcile(request)).toMatchObject({
    source: 'kept',
    ageSeconds: 86_400,
    error: { code: 'DATABASE_UNUSABLE' },
    reconciliation: { differing: 1 },
  });
});

test('when the mapping names a line that the preview lacks, nothing is compared, and the lines are listed', async () => {
  const { usage, add } = start();
  const applianceId = add('quay-01', () => counted(10));
  const mapping = { ...invoiceMapping, lines: { 'Admin accounts': 'admin' } };
  await expect(
    usage.reconcile({ applianceId, month: '2026-11', text: invoiceOf(10), mapping }),
  ).rejects.toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining('admins') });
});

test('when a month has more accounts, the connectors behind it are named, and nothing is counted twice at once', async () => {
  const { usage, add } = start();
  const asked: (string | null)[] = [];
  const id = add('quay-01', (month) => {
    asked.push(month);
    return counted(month === '2026-10' ? 10 : 30, new Date(now).toISOString(), month ?? '2026-11');
  });
  await usage.previewOne(id, null);
  const compared = await usage.compare(id, { month: null, against: null, reuseForMs: 60_000 });
  expect(asked).toEqual([null, '2026-10']);
  expect(compared.causes).toMatchObject({
    'users/tier-1': [{ connector: 'smb', before: 10, now: 30, amount: known('24.00') }],
  });
});

test('when a threshold is set, it is recorded, kept for this appliance, and compared', async () => {
  const { usage, add } = start();
  const [id, other] = [add('quay-01', () => counted(10)), add('quay-02', () => counted(10))];
  await usage.thresholds.set(id, { amount: '29.99', currency: 'EUR' });
  expect(trail).toEqual([{ event: 'usage.threshold', object: 'quay-01', detail: 'EUR 29.99' }]);
  expect((await usage.previewOne(id, null)).threshold).toMatchObject({ state: 'exceeded', severity: 'bad' });
  expect((await usage.previewOne(other, null)).threshold).toBeNull();
  await usage.thresholds.set(id, { amount: '30', currency: 'EUR' });
  expect((await usage.previewOne(id, null)).threshold).toMatchObject({ state: 'below', severity: null });
  await usage.thresholds.set(id, { amount: '10', currency: 'USD' });
  expect((await usage.previewOne(id, null)).threshold).toBeNull();
  await usage.thresholds.set(id, null);
  expect(usage.thresholds.get(id)).toBeNull();
});

const anAccount: AccountLine = {
  account: '118',
  userName: 'anna@example.com',
  userId: null,
  userDomain: null,
  active: true,
  admin: false,
  connector: 'smb',
  lastRequest: null,
  connected: '2026-11-02',
  updated: '2026-11-02',
  internal: true,
};

test('when rows are read or searched, the trail says who read which report, and has neither name nor hash', async () => {
  const { usage, add } = start();
  const id = add('quay-01', () => counted(10));
  rows = [anAccount];
  const parts = [];
  const request = { applianceId: id, month: '2026-11', filter: everyRow, skip: 0, limit: 10 };
  for await (const part of usage.rows(request, new AbortController().signal)) parts.push(part);
  expect(parts).toMatchObject([{ plain: [anAccount], isDone: true }]);
  const hashes = hashSearch('anna@example.com');
  const { found, ...counts } = await usage.find({ applianceId: id, month: '2026-11', hashes });
  expect(counts).toEqual({ count: 30, read: 1 });
  expect(found).toHaveLength(maxFoundRows);
  expect(found[0]).toEqual({ account: anAccount, fields: ['userName'] });
  expect(trail).toMatchObject([
    { event: 'usage.report', object: 'quay-01', detail: '→ page' },
    { event: 'usage.report', object: 'quay-01', detail: 'search by hashes' },
  ]);
  expect(JSON.stringify(trail)).not.toMatch(/anna|6b56db1f/u);
});

test('when a report can’t be read, its rows end with the error of the appliance', async () => {
  const { usage } = start();
  const request = { applianceId: crypto.randomUUID(), month: null, filter: everyRow, skip: 0, limit: 10 };
  await expect(usage.rows(request, new AbortController().signal).next()).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});
