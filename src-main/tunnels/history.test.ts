import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore, type Store } from '../store/store.ts';
import { createHistory, type History } from './history.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const start = Date.parse('2026-11-01T00:00:00.000Z');
const place = { applianceId: 'kiln', clientId: 'acme', port: 2200 };
const places = { applianceIds: ['kiln'], clientId: 'acme', port: 2200 };

let folder: string;
let store: Store;
let history: History;
let now = start;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-history-'));
  store = openStore({ folder });
  store.run(
    store.query
      .insertInto('appliance')
      .values({ id: 'kiln', name: 'kiln', entryJson: '{}', createdAt: 'now' }),
  );
  now = start;
  history = createHistory({ store, clock: () => now });
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const count = (table: 'tunnelLatency' | 'tunnelLatencyDay' | 'tunnelChange') =>
  store.all(store.query.selectFrom(table).selectAll()).length;
const measure = (atMs: number, milliseconds: number) =>
  history.latencies('kiln', [{ clientId: 'acme', port: 2200, atMs, milliseconds }]);
/** Prunes at the end of a long watch. */
function prune(): void {
  history.saveWatchSpan({ id: `watch to ${now}`, applianceId: 'kiln', fromMs: now - hourMs, toMs: now });
  history.prune(now);
}
const latencyOf = (days: number) => history.of(places, { fromMs: now - days * dayMs, toMs: now }).latency;

test('when latencies are two days old, each hour keeps its median and its slowest', () => {
  for (const [quarter, milliseconds] of [40, 10, 900, 20].entries())
    measure(start + quarter * (hourMs / 4), milliseconds);
  measure(start + hourMs, 30);
  measure(start + 60 * hourMs, 50);
  now = start + 60 * hourMs;
  prune();
  expect([count('tunnelLatency'), count('tunnelLatencyDay')]).toEqual([1, 1]);
  expect(latencyOf(30)).toEqual([
    { at: '2026-11-01T00:00:00.000Z', milliseconds: 900, medianMs: 20 },
    { at: '2026-11-01T01:00:00.000Z', milliseconds: 30, medianMs: 30 },
    { at: '2026-11-03T12:00:00.000Z', milliseconds: 50 },
  ]);
  expect(latencyOf(1)).toEqual([{ at: '2026-11-03T12:00:00.000Z', milliseconds: 50 }]);
});

test('when there is much to summarize, takes several rounds and loses nothing', () => {
  for (let hour = 0; hour < 20; hour += 1) measure(start + hour * hourMs, hour + 1);
  now = start + 80 * hourMs;
  prune();
  expect(count('tunnelLatency')).toBe(14);
  expect(latencyOf(30).map(({ milliseconds }) => milliseconds)).toEqual(
    Array.from({ length: 20 }, (_, hour) => hour + 1),
  );
  for (let round = 0; round < 3; round += 1) prune();
  expect([count('tunnelLatency'), count('tunnelLatencyDay')]).toEqual([0, 1]);
  expect(latencyOf(30)).toHaveLength(20);
});

test('when latencies are more than 30 days old, they are deleted', () => {
  measure(start, 10);
  now = start + 3 * dayMs;
  prune();
  expect(count('tunnelLatencyDay')).toBe(1);
  now = start + 33 * dayMs;
  prune();
  expect(count('tunnelLatencyDay')).toBe(0);
});

test('when a tunnel flaps for days, keeps its latest 5,000 changes', () => {
  for (let index = 0; index < 5_100; index += 1) {
    now = start + index * 1_000;
    const state =
      index % 2 === 0
        ? ({ tone: 'ok', code: 'T-4000' } as const)
        : ({ tone: 'bad', code: 'T-4001' } as const);
    store.run(
      store.query
        .insertInto('tunnelChange')
        .values({ ...place, ...state, atMs: now, reason: '', dropped: index % 2 }),
    );
  }
  history.saveWatchSpan({ id: 'w', applianceId: 'kiln', fromMs: start, toMs: now });
  history.prune(now);
  expect(count('tunnelChange')).toBe(5_000);
  const within = { fromMs: start, toMs: now };
  expect(history.of(places, within).spans[0]).toMatchObject({
    tone: 'unknown',
    to: new Date(start + 100_000).toISOString(),
  });
  const coarse = history.of(places, { ...within, cellMs: hourMs }).spans;
  expect(coarse.map(({ tone }) => tone)).toEqual(['unknown', 'ok', 'bad', 'ok', 'bad']);
  const lengthOf = (wanted: string) =>
    coarse
      .filter(({ tone }) => tone === wanted)
      .reduce((sum, { from, to }) => sum + Date.parse(to) - Date.parse(from), 0);
  expect([lengthOf('ok'), lengthOf('bad')]).toEqual([2_500_000, 2_499_000]);
  expect(history.known('kiln').get('acme 2200')).toMatchObject({ tone: 'bad', downSinceMs: now });
});

test('when the last change is older than two days, it is still the current state', () => {
  const changed = { ...place, reason: '', dropped: 0 };
  store.run(
    store.query.insertInto('tunnelChange').values([
      { ...changed, atMs: start, tone: 'ok', code: 'T-4000' },
      { ...changed, atMs: start + 1, tone: 'bad', code: 'T-4001', dropped: 1 },
      { ...changed, port: 2201, atMs: start, tone: 'ok', code: 'T-4000' },
    ]),
  );
  now = start + 20 * dayMs;
  const known = history.known('kiln');
  expect(known.get('acme 2200')).toMatchObject({ code: 'T-4001', downSinceMs: start + 1 });
  expect(known.get('acme 2201')).toMatchObject({ code: 'T-4000', downSinceMs: null });
  expect(history.lastDrops('kiln')).toEqual(new Map([['acme 2200', { reason: '', atMs: start + 1 }]]));
});

/** Stores a change of the tunnel to a code. */
function insertChange(atMs: number, code: string): void {
  store.run(
    store.query
      .insertInto('tunnelChange')
      .values({ ...place, atMs, tone: code === 'T-4000' ? 'ok' : 'bad', code, reason: '', dropped: 0 }),
  );
}

test('when the clock is wrong for less than ten minutes, no history is deleted', () => {
  for (let day = 0; day < 20; day += 1)
    insertChange(start + day * dayMs, day % 2 === 0 ? 'T-4000' : 'T-4001');
  now = start + 20 * dayMs;
  prune();
  expect(count('tunnelChange')).toBe(20);
  now += 365 * dayMs;
  history.saveWatchSpan({ id: 'ahead', applianceId: 'kiln', fromMs: now - 9 * 60_000, toMs: now });
  history.prune(now);
  expect(count('tunnelChange')).toBe(20);
  history.saveWatchSpan({ id: 'ahead', applianceId: 'kiln', fromMs: now - 9 * 60_000, toMs: now + 60_000 });
  history.prune(now + 60_000);
  // The last change stays as the current state.
  expect(count('tunnelChange')).toBe(1);
});
