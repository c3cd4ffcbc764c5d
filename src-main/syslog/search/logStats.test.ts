import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseSyslogLine } from '../../../src-shared/model/syslog/syslogParse.ts';
import { hourMs, minuteMs } from '../../../src-shared/base/time.ts';
import { anEntry } from '../../../test-support/anEntry.ts';
import { filledAt, openFilledLogs, type FilledLogs } from '../../../test-support/filledLogs.ts';
import { createKeptSearches } from './keptSearches.ts';
import { readLogStats, type StatsRequest } from './logStats.ts';

const kiln = anEntry('kiln-01');
const otherId = '01977000-0000-7000-8000-0000000000ff';
const firstAt = Date.parse('2026-11-19T10:00:00Z');
const programs = ['sshd', 'ke_registrar', 'CRON', 'app', 'kernel', 'sudo'];
const tenants = ['northwind', 'acme', 'tailspin'];

let logs: FilledLogs;
beforeEach(() => {
  logs = openFilledLogs();
});
afterEach(() => logs.close());

/** A line every 10 s; each third one names a tenant. More lines come in the third hour. */
function makeLines(count: number): { at: number; text: string }[] {
  return Array.from({ length: count }, (_, index) => {
    const at = firstAt + (index < 900 ? index * 10_000 : 2 * hourMs + 30 * minuteMs + index);
    const program = programs[(index * index) % programs.length] ?? '';
    const name = index % 3 === 0 ? tenants[index % 7 > 3 ? 0 : index % 2] : 'nobody';
    const pri = index % 5 === 0 ? '<11>' : index % 5 === 1 ? '<30>' : '';
    return { at, text: `${pri}${new Date(at).toISOString()} kiln-01 ${program}[${index}]: job of ${name}` };
  });
}

function stats(request: Partial<StatsRequest> = {}, clock = () => 0) {
  const searches = createKeptSearches({
    engine: () => logs.engine,
    inventory: { get: () => kiln },
    tenantsOf: () =>
      tenants.map((clientId) => ({ clientId, fingerprints: [], validFingerprints: [], ports: [] })),
    clock: () => filledAt,
  });
  const what = { applianceId: kiln.id, clientIds: tenants, from: null, to: null, top: 2, ...request };
  return readLogStats(logs.engine, searches, what, clock);
}

/** Counts as a reader of the parsed lines would. */
function countBy<Value>(values: readonly Value[]): Map<Value, number> {
  const counts = new Map<Value, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

test.each([
  ['of all', null, null],
  ['of a time range', firstAt + 17 * minuteMs, firstAt + 2.4 * hourMs],
])('when lines are counted %s, counts are those of the parsed lines', async (_name, from, to) => {
  const lines = makeLines(20_000);
  await logs.append(
    lines.slice(0, 12_000).map(({ text }) => text),
    { applianceId: kiln.id, isComplete: true },
  );
  await logs.append(
    lines.slice(12_000).map(({ text }) => text),
    { applianceId: kiln.id, file: 'second', order: 2 },
  );
  await logs.append(['<11>2026-11-19T10:20:00Z forge-01 sshd[1]: northwind'], { applianceId: otherId });
  const { kept, counted } = await stats({ from, to });

  const wanted = lines.filter(({ at }) => (from === null || at >= from) && (to === null || at <= to));
  const parsed = wanted.map(({ text }) =>
    parseSyslogLine(text, { receivedAt: filledAt, zoneOffsetMinutes: 0 }),
  );
  const byProgram = [...countBy(parsed.map(({ program }) => program))].sort((a, b) => b[1] - a[1]);
  expect(counted?.lines).toBe(wanted.length);
  expect(counted?.programs.values.map(({ count }) => count)).toEqual(
    byProgram.slice(0, 2).map(([, count]) => count),
  );
  for (const { value, count } of counted?.programs.values ?? [])
    expect(byProgram).toContainEqual([value, count]);
  expect(counted?.programs.others).toBe(byProgram.slice(2).reduce((sum, [, count]) => sum + count, 0));
  expect(new Map(counted?.severities.map(({ severity, count }) => [severity, count]))).toEqual(
    countBy(parsed.map(({ severity }) => severity)),
  );
  const named = tenants.map((value) => ({
    value,
    count: wanted.filter(({ text }) => text.endsWith(value)).length,
  }));
  expect(counted?.tenants).toEqual({
    values: named.sort((a, b) => b.count - a.count).slice(0, 2),
    uncounted: 0,
  });

  const bytes = lines.reduce((sum, { text }) => sum + Buffer.byteLength(text) + 1, 0);
  expect(kept).toMatchObject({
    lines: lines.length,
    sources: 2,
    textBytes: bytes,
    range: { from: firstAt, to: lines.at(-1)?.at },
  });
  expect(kept.keptBytes).toBeGreaterThan(0);
  expect(kept.keptBytes).toBeLessThan(bytes);
});

test('when some hours have more lines, names the busiest one and the mean', async () => {
  const lines = makeLines(5000);
  await logs.append(
    lines.map(({ text }) => text),
    { applianceId: kiln.id },
  );
  const { counted } = await stats();
  const { busiest, perHour } = counted ?? {};
  const inside = lines.filter(({ at }) => at >= (busiest?.from ?? 0) && at <= (busiest?.to ?? 0));
  expect(busiest?.lines).toBe(inside.length);
  expect(busiest?.lines).toBeGreaterThan(4000);
  const hours = ((lines.at(-1)?.at ?? 0) - firstAt) / hourMs;
  expect(perHour).toBeCloseTo(lines.length / hours);
});

test('when lines are missing, names the gap with its bounds, and the limits of what is kept', async () => {
  await logs.append(['2026-11-19T10:20:00Z kiln-01 sshd[1]: one'], { applianceId: kiln.id });
  const gap = {
    id: 'first:deleted',
    applianceId: kiln.id,
    sourceId: 'first',
    order: 1,
    fromByte: 42,
    toByte: 99,
    reason: 'deleted' as const,
    text: '',
    since: filledAt,
    until: filledAt + 1,
  };
  await logs.engine.addGap({ gap, source: null });
  await logs.engine.setLimits({ '': { maxBytes: 5e6, maxAgeMs: 365 * 24 * hourMs } });
  const { kept, gaps } = await stats();
  expect(kept).toMatchObject({ lines: 1, limits: { maxBytes: 5e6, maxAgeMs: 365 * 24 * hourMs } });
  expect(gaps).toMatchObject([{ reason: 'deleted', fromByte: 42, toByte: 99, file: { device: '8:1' } }]);
});

test('when nothing is kept, or nothing in the range, counts nothing', async () => {
  expect(await stats()).toMatchObject({ kept: { lines: 0, range: null, textBytes: 0 }, counted: null });
  await logs.append(['2026-11-19T10:20:00Z kiln-01 sshd[1]: one'], { applianceId: kiln.id });
  expect(await stats({ from: filledAt })).toMatchObject({ kept: { lines: 1 }, counted: null });
});

test('when counting tenants takes too long, says how many were not counted', async () => {
  await logs.append(['2026-11-19T10:20:00Z kiln-01 app[1]: northwind'], { applianceId: kiln.id });
  let now = 0;
  const { counted } = await stats({}, () => (now += 6000));
  expect(counted?.tenants).toEqual({ values: [{ value: 'northwind', count: 1 }], uncounted: 2 });
});
