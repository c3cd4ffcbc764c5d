import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { BillingPlan } from '../../src-shared/model/billing/billingPlan.ts';
import type { UsageSummary } from '../../src-shared/model/usage/usageSummary.ts';
import { anInput } from '../../test-support/anEntry.ts';
import { aPlan } from '../../test-support/billing/aPlan.ts';
import { makeAccounts, summarize } from '../../test-support/billing/population.ts';
import { createInventory } from '../inventory/inventory.ts';
import { openStore, type Store } from '../store/store.ts';
import { createKeptCounts, findKeepProblem, type KeptCountsStore } from './keptCounts.ts';

let folder: string;
let store: Store;
let kept: KeptCountsStore;
let id: string;
let now: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-counts-'));
  store = openStore({ folder });
  id = createInventory({ store, clock: () => 0, operator: 'ada' }).add(anInput('quay-01'), []).id;
  kept = createKeptCounts({ store, clock: () => now });
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Keeps counts at the time at which they were taken. */
function keep(summary: UsageSummary, plan: BillingPlan | null = null): void {
  now = Date.parse(summary.takenAt);
  kept.keep(id, { summary, plan });
}

const counts = (accounts: number, takenAt: string, month = takenAt.slice(0, 7)) =>
  summarize(makeAccounts(accounts), { month, takenAt });

test('when an appliance counts several times a day, the last counts of the day are kept', () => {
  for (const [accounts, takenAt] of [
    [1, '2026-11-19T08:00:00.000Z'],
    [2, '2026-11-20T08:00:00.000Z'],
    [3, '2026-11-20T09:00:00.000Z'],
  ] as const)
    keep(counts(accounts, takenAt), aPlan());
  expect(kept.list(id)).toEqual([
    { summary: counts(1, '2026-11-19T08:00:00.000Z'), plan: aPlan() },
    { summary: counts(3, '2026-11-20T09:00:00.000Z'), plan: aPlan() },
  ]);
});

test('when a count ends after the console has closed, nothing is kept and nothing fails', () => {
  keep(counts(1, '2026-11-19T08:00:00.000Z'));
  expect(kept.lastTakenAt(id)).toBe('2026-11-19T08:00:00.000Z');
  kept.close();
  store.close();
  keep(counts(2, '2026-11-20T08:00:00.000Z'));
  expect([kept.list(id), kept.latest(id, null), kept.lastTakenAt(id)]).toEqual([[], null, null]);
});

test('when no month is named, the last counts are those of the month in which they were taken', () => {
  const present = counts(2, '2026-11-20T08:00:00.000Z');
  const before = counts(1, '2026-11-20T09:00:00.000Z', '2026-10');
  keep(present);
  keep(before);
  expect(kept.latest(id, null)?.summary).toEqual(present);
  expect(kept.latest(id, '2026-10')?.summary).toEqual(before);
  expect(kept.latest(id, '2026-09')).toBeNull();
});

test('when counts are cut short or assume changes, they are not kept', () => {
  const summary = counts(1, '2026-11-20T08:00:00.000Z');
  keep({ ...summary, cutShort: 'the database ended' });
  const assumed = { markedInternal: 1, deactivated: 0, idleDays: null };
  keep({ ...summary, assumed });
  expect(kept.list(id)).toEqual([]);
});

test('when counts are older than 400 days, or of another appliance, they are deleted', () => {
  keep(counts(1, '2025-10-15T08:00:00.000Z'));
  keep(counts(2, '2025-10-16T08:00:00.000Z'));
  keep(counts(3, '2026-11-20T08:00:00.000Z'));
  expect(kept.list(id).map(({ summary }) => summary.takenAt.slice(0, 10))).toEqual([
    '2025-10-16',
    '2026-11-20',
  ]);
  const other = {
    ...counts(4, '2026-11-21T08:00:00.000Z'),
    applianceId: '5b3c1d7e-6a0f-4c52-9d1b-0f6f3f1d2a11',
  };
  keep(other);
  expect(kept.list(id).map(({ summary }) => summary)).toEqual([other]);
});

test('when the clock of the appliance is set back within a day, the later counts of the day stay', () => {
  keep(counts(3, '2026-11-20T09:00:00.000Z'));
  keep(counts(2, '2026-11-20T08:59:00.000Z'));
  expect(kept.list(id).map(({ summary }) => summary)).toEqual([counts(3, '2026-11-20T09:00:00.000Z')]);
  expect(kept.lastTakenAt(id)).toBe('2026-11-20T09:00:00.000Z');
});

test.each(['2024-11-20T08:00:00.000Z', '2036-11-20T08:00:00.000Z'])(
  'when the clocks differ by years (%s), nothing is kept and nothing deleted',
  (takenAt) => {
    const good = counts(3, '2026-11-20T09:00:00.000Z');
    keep(good);
    const heard: string[] = [];
    kept.onKept((applianceId) => heard.push(applianceId));
    kept.keep(id, { summary: counts(4, takenAt), plan: null });
    expect(kept.list(id).map(({ summary }) => summary)).toEqual([good]);
    expect(heard).toEqual([]);
    expect(findKeepProblem(counts(4, takenAt), now)).toContain('differ by more than a day');
  },
);
