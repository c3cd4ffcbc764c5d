import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AppError } from '../../src-shared/errors.ts';
import type { LinkState } from '../../src-shared/model/appliance/link.ts';
import type { UsageSummary } from '../../src-shared/model/usage/usageSummary.ts';
import { aLicence } from '../../test-support/aLicence.ts';
import { connectedLink } from '../../test-support/connectedLink.ts';
import { anInput } from '../../test-support/anEntry.ts';
import { aPlan } from '../../test-support/billing/aPlan.ts';
import { makeAccounts, summarize } from '../../test-support/billing/population.ts';
import { createUsageDriver } from '../driver/usageCommands.ts';
import { createInventory } from '../inventory/inventory.ts';
import { openStore, type Store } from '../store/store.ts';
import { createDailySamples } from './dailySamples.ts';
import { createKeptCounts } from './keptCounts.ts';

const hour = 3_600_000;
let folder: string;
let store: Store;
let now: number;
/** What each appliance does when it is asked for counts. */
let answers: Map<string, () => Promise<UsageSummary>>;
let disconnected: Set<string>;
const asked: string[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  folder = mkdtempSync(join(tmpdir(), 'sallyport-samples-'));
  store = openStore({ folder });
  now = Date.parse('2026-11-20T09:31:00.000Z');
  answers = new Map();
  disconnected = new Set();
  asked.length = 0;
});
afterEach(() => {
  vi.useRealTimers();
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const linkState = (isConnected: boolean): LinkState =>
  isConnected ? connectedLink : { state: 'idle', since: '2026-11-20T09:00:00.000Z' };

const refuse = () => Promise.reject(new AppError('COMMAND_FAILED', 'not used'));
const licence = aLicence({
  state: 'valid',
  entitlements: { accounts: null, connectors: ['smb'], plan: 'graduated', internalDevelopment: false },
  plans: [aPlan()],
});

/** Lets time pass in quarters of an hour on both clocks. */
const pass = async (milliseconds: number) => {
  for (let left = milliseconds; left > 0; left -= hour / 4) {
    now += hour / 4;
    await vi.advanceTimersByTimeAsync(hour / 4);
  }
};

function start() {
  const inventory = createInventory({ store, clock: () => now, operator: 'ada' });
  const kept = createKeptCounts({ store, clock: () => now });
  const unused = createUsageDriver({
    session: { stream: refuse },
    run: refuse,
    privileged: false,
    isInstalled: refuse,
  });
  const samples = createDailySamples({
    links: {
      hold: () => () => undefined,
      state: (id) => linkState(!disconnected.has(id)),
      waitUntilSettled: async (id) => linkState(!disconnected.has(id)),
      of: (id) => ({
        driver: {
          licence: async () => licence,
          usage: {
            ...unused,
            summary: async () => {
              asked.push(inventory.get(id).name);
              return (answers.get(id) ?? refuse)();
            },
          },
        },
      }),
    },
    kept,
    entries: inventory.list,
    clock: () => now,
    log: { error: vi.fn<() => void>() },
  });
  const add = (name: string, answer = async () => counted(3)): string => {
    const { id } = inventory.add(anInput(name), []);
    answers.set(id, answer);
    return id;
  };
  return { samples, kept, add };
}

const counted = (users: number) =>
  summarize(makeAccounts(users), {
    month: new Date(now).toISOString().slice(0, 7),
    takenAt: new Date(now).toISOString(),
  });
const days = (kept: ReturnType<typeof createKeptCounts>, id: string) =>
  kept.list(id).map(({ summary }) => summary.takenAt.slice(0, 10));

test('when an appliance is connected, it is read once a day, and not every time', async () => {
  const { samples, kept, add } = start();
  const id = add('quay-01');
  const release = samples.hold();
  await pass(2 * hour);
  expect(asked).toEqual(['quay-01']);
  await pass(48 * hour);
  expect(days(kept, id)).toEqual(['2026-11-20', '2026-11-21', '2026-11-22']);
  expect(asked).toHaveLength(3);
  release();
  await pass(48 * hour);
  expect(asked).toHaveLength(3);
});

test('when an appliance is not connected, it is not asked until it is', async () => {
  const { samples, kept, add } = start();
  const id = add('quay-01');
  disconnected.add(id);
  samples.hold();
  await pass(hour);
  expect(asked).toEqual([]);
  disconnected.clear();
  await pass(hour / 4);
  expect(days(kept, id)).toEqual(['2026-11-20']);
});

test('when an appliance never answers, the others are read all the same, and it is not asked twice', async () => {
  const { samples, kept, add } = start();
  add('quay-01', () => new Promise(() => undefined));
  const others = Array.from({ length: 30 }, (_, index) => add(`quay-${index + 2}`));
  samples.hold();
  await pass(hour / 4);
  expect(others.map((id) => days(kept, id))).toEqual(others.map(() => ['2026-11-20']));
  await pass(2 * hour);
  expect(asked.filter((name) => name === 'quay-01')).toEqual(['quay-01']);
});

test('when a read fails, the last counts stay with their age, and the next try is an hour later', async () => {
  const { samples, kept, add } = start();
  const id = add('quay-01');
  samples.hold();
  await pass(hour / 4);
  const broken = new AppError('DATABASE_UNUSABLE', 'the database can’t be used');
  answers.set(id, () => Promise.reject(broken));
  await pass(15 * hour + hour / 4);
  const state = samples.stateOf(id);
  expect(state).toMatchObject({ takenAt: '2026-11-20T09:46:00.000Z', failed: { code: 'DATABASE_UNUSABLE' } });
  expect(state.ageSeconds).toBe((now - Date.parse('2026-11-20T09:46:00.000Z')) / 1000);
  const before = asked.length;
  await pass(3 * hour);
  expect(asked.length - before).toBe(3);
  answers.set(id, async () => counted(5));
  await pass(hour + hour / 4);
  expect(days(kept, id)).toEqual(['2026-11-20', '2026-11-21']);
  expect(samples.stateOf(id).failed).toBeNull();
});

test('when the clock of this computer is set back, nothing is due, and the kept counts stay', async () => {
  const { samples, kept, add } = start();
  const id = add('quay-01');
  samples.hold();
  await pass(hour / 4);
  now = Date.parse('2026-11-18T09:00:00.000Z');
  await pass(hour);
  expect(asked).toEqual(['quay-01']);
  expect(days(kept, id)).toEqual(['2026-11-20']);
});

test('when the clock of the appliance is wrong, nothing is kept, and the reason is stated', async () => {
  const { samples, kept, add } = start();
  const id = add('quay-01', async () => ({ ...counted(3), takenAt: '2036-11-20T09:31:00.000Z' }));
  samples.hold();
  await vi.advanceTimersByTimeAsync(1);
  expect(days(kept, id)).toEqual([]);
  expect(samples.stateOf(id)).toMatchObject({
    takenAt: null,
    ageSeconds: null,
    failed: { message: expect.stringContaining('differ by more than a day') },
  });
});
