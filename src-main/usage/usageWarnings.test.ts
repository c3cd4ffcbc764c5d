import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { BillingPlan } from '../../src-shared/model/billing/billingPlan.ts';
import { anInput } from '../../test-support/anEntry.ts';
import { aPlan } from '../../test-support/billing/aPlan.ts';
import { makeAccounts, summarize } from '../../test-support/billing/population.ts';
import { createInventory } from '../inventory/inventory.ts';
import { openStore, type Store } from '../store/store.ts';
import { createKeptCounts } from './keptCounts.ts';
import { createThresholds } from './thresholds.ts';
import { createUsageWarnings } from './usageWarnings.ts';

let folder: string;
let store: Store;
let now: number;
let id: string;
let recorded: string[];
let kept: ReturnType<typeof createKeptCounts>;
let warnings: ReturnType<typeof createUsageWarnings>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-warnings-'));
  store = openStore({ folder });
  now = Date.parse('2026-11-01T08:00:00.000Z');
  recorded = [];
  const inventory = createInventory({ store, clock: () => now, operator: 'ada' });
  id = inventory.add(anInput('quay-01'), []).id;
  kept = createKeptCounts({ store, clock: () => now });
  warnings = createUsageWarnings({
    inventory,
    kept,
    store,
    thresholds: createThresholds({
      store,
      inventory,
      audit: {
        act: async ({ event, object, detail }, work) => {
          recorded.push(`${event} ${object} ${detail}`);
          return work();
        },
      },
    }),
    clock: () => now,
    log: { error: vi.fn<() => void>() },
  });
});
afterEach(() => {
  warnings.close();
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Keeps the counts of a day: `users` cost 1.20 each. */
function count(day: string, users: number, plan: BillingPlan | null = aPlan()): void {
  now = Date.parse(`${day}T08:00:00.000Z`);
  const summary = summarize(makeAccounts(users), {
    month: day.slice(0, 7),
    takenAt: new Date(now).toISOString(),
  });
  kept.keep(id, { summary, plan });
}
const texts = () => warnings.alerts().map(({ text }) => text);
const above = (amount: string) => warnings.set(id, { amount, currency: null });
const toDate = 'The amount to date is above EUR 120.00.';

test('when the amount to date is above the limit, one alert lasts until it is below, and is not raised again', async () => {
  count('2026-11-01', 100);
  await above('120.00');
  expect(texts()).toEqual([]);
  count('2026-11-02', 101);
  expect(texts()).toEqual([`2026-11: ${toDate}`]);
  count('2026-11-03', 102);
  expect(texts()).toHaveLength(1);
  count('2026-11-04', 100);
  expect(texts()).toEqual([]);
  count('2026-11-05', 150);
  expect(texts()).toEqual([]);
});

test('when a new month begins, the alert of the former ends, and the new month has its own', async () => {
  count('2026-11-30', 101);
  await above('120.00');
  expect(texts()).toHaveLength(1);
  now = Date.parse('2026-12-01T00:00:01.000Z');
  expect(texts()).toEqual([]);
  count('2026-12-01', 101);
  expect(texts()).toEqual([`2026-12: ${toDate}`]);
});

test('when only the projection is above, it is raised once, and once more when the amount to date is above', async () => {
  count('2026-11-01', 10);
  await above('120.00');
  for (let day = 2; day <= 9; day += 1) count(`2026-11-0${day}`, 10 * day);
  expect(texts()).toEqual(['2026-11: The projected amount is above EUR 120.00.']);
  count('2026-11-10', 110);
  expect(texts()).toEqual([`2026-11: ${toDate}`]);
});

test('when the amount can’t be computed, nothing is raised and nothing ends', async () => {
  count('2026-11-01', 10);
  await above('5.00');
  expect(texts()).toHaveLength(1);
  count('2026-11-02', 1, null);
  expect(texts()).toHaveLength(1);
  expect(warnings.get(id)).toMatchObject({ checked: null, error: { code: 'BILLING_PLAN_MISSING' } });
  count('2026-12-01', 10, aPlan({ currency: 'USD' }));
  expect(texts()).toEqual([]);
  expect(warnings.get(id)).toMatchObject({ error: { code: 'BILLING_CURRENCIES_DIFFER' } });
});

test('when another amount is set, it is another warning, and null turns it off', async () => {
  count('2026-11-02', 101);
  await above('120.00');
  count('2026-11-03', 90);
  await above('100.00');
  expect(texts()).toEqual(['2026-11: The amount to date is above EUR 100.00.']);
  expect(await warnings.set(id, null)).toEqual({ threshold: null, checked: null, error: null });
  expect(texts()).toEqual([]);
  expect(recorded).toEqual([
    'usage.threshold quay-01 EUR 120.00',
    'usage.threshold quay-01 EUR 100.00',
    'usage.threshold quay-01 removed',
  ]);
});

test('when no plan is known, the currency must be named', async () => {
  await expect(above('5')).rejects.toMatchObject({ code: 'INVALID_INPUT', detail: { field: 'currency' } });
  expect(await warnings.set(id, { amount: '5', currency: 'EUR' })).toMatchObject({
    threshold: { amount: '5', currency: 'EUR' },
    checked: null,
  });
});

test.each([
  ['4,500', 'EUR'],
  ['-5', 'EUR'],
  ['1e3', 'EUR'],
  ['5', 'eur'],
  ['5', 'XXZ'],
])('when the amount is %j in %j, it is refused', async (amount, currency) => {
  await expect(warnings.set(id, { amount, currency })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  expect(recorded).toEqual([]);
});
