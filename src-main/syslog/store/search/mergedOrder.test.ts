import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compareLineAge } from '../../../../src-shared/model/syslog/keptLine.ts';
import { secondMs } from '../../../../src-shared/base/time.ts';
import { filledAt, openFilledLogs, type FilledLogs } from '../../../../test-support/filledLogs.ts';
import { searchLogs } from '../../kept/searchLogs.ts';
import type { FoundLine } from './foundLine.ts';
import type { SearchOrder } from './searchSpec.ts';

let logs: FilledLogs;
beforeAll(() => {
  logs = openFilledLogs();
});
afterAll(() => logs.close());

const startAt = filledAt - 3_600_000;
/** Lines by their second, by the appliance's own clock. A step back is a clock that was set, or a late writer. */
const batch = fc.array(fc.integer({ min: -5, max: 40 }), { minLength: 1, maxLength: 12 });
const appliances = fc.array(
  fc.record({
    skewSeconds: fc.integer({ min: -300, max: 300 }),
    batches: fc.array(batch, { minLength: 1, maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 4 },
);

type Written = { applianceId: string; file: string; number: number; at: number; isLate: boolean };

async function find(names: readonly string[], order: SearchOrder): Promise<FoundLine[]> {
  const found: FoundLine[] = [];
  const search = {
    query: { kind: 'all' } as const,
    appliances: Object.fromEntries(names.map((name) => [name, name])),
    order,
    limit: Infinity,
  };
  for await (const line of searchLogs(logs.engine, search)) found.push(line);
  return found;
}

/** Keeps a file for each batch of an appliance; the appliances take turns, as lines arrive. */
async function fill(run: number, all: { skewSeconds: number; batches: number[][] }[]): Promise<Written[]> {
  const written: Written[] = [];
  const clocks = all.map(() => startAt);
  const rounds = Math.max(...all.map(({ batches }) => batches.length));
  for (let round = 0; round < rounds; round += 1)
    for (const [index, { skewSeconds, batches }] of all.entries()) {
      const steps = batches[round];
      if (steps === undefined) continue;
      const applianceId = `kiln-${run}-${index}`;
      const file = `${applianceId} ${round}`;
      let latest = -Infinity;
      const lines = steps.map((step, number) => {
        const at = (clocks[index] ?? 0) + step * secondMs;
        clocks[index] = at;
        // Its own clock is ahead by the skew, so that the console's time is `at`.
        const stamp = new Date(at + skewSeconds * secondMs).toISOString();
        written.push({ applianceId, file, number, at, isLate: at < latest });
        latest = Math.max(latest, at);
        return `${stamp} kiln app[7]: ${written.length - 1}`;
      });
      await logs.append(lines, {
        applianceId,
        file,
        order: round,
        isComplete: true,
        skewMs: skewSeconds * secondMs,
      });
    }
  return written;
}

let runs = 0;
test('when several appliances are searched, lines come by corrected time, and those of a file in their order', async () => {
  await fc.assert(
    fc.asyncProperty(appliances, async (all) => {
      const written = await fill((runs += 1), all);
      const names = [...new Set(written.map(({ applianceId }) => applianceId))];
      const found = await find(names, 'oldest');
      const numbers = found.map(({ text }) => Number(/\d+$/u.exec(text)?.[0]));
      // Each line once.
      expect(numbers.toSorted((a, b) => a - b)).toEqual(written.map((_, at) => at));
      // In the order of the keys, whose time never falls.
      expect(found.map(({ key }) => key)).toEqual(found.map(({ key }) => key).toSorted(compareLineAge));
      const lines = numbers.flatMap((number) => written[number] ?? []);
      for (const file of new Set(written.map((one) => one.file))) {
        const own = lines.filter((one) => one.file === file).map(({ number }) => number);
        expect(own).toEqual(own.toSorted((a, b) => a - b));
      }
      // A line that is not older than the one before it has its own time, without the skew.
      const inTime = found.flatMap(({ key }, at) => {
        const line = lines[at];
        return line === undefined || line.isLate ? [] : [[key.sort, line.at]];
      });
      expect(inTime.map(([sort]) => sort)).toEqual(inTime.map(([, at]) => at));
      const newest = await find(names, 'newest');
      expect(newest.map(({ text }) => text)).toEqual(found.map(({ text }) => text).toReversed());
    }),
    { numRuns: 30 },
  );
}, 120_000);

test('when entries of two appliances have several lines, each entry stays whole between those of the other', async () => {
  const frames = Array.from({ length: 40 }, (_, frame) => `    at step ${frame} (${'x'.repeat(80)})`);
  const entriesOf = (name: string, phase: number) =>
    Array.from({ length: 150 }, (_, at) => {
      const time = new Date(startAt + (2 * at + phase) * secondMs).toISOString();
      return [
        `${time} ${name} app[7]: entry ${at} failed`,
        ...frames.map((frame) => `${frame} of ${name} ${at}`),
      ];
    });
  const names = ['entries-1', 'entries-2'];
  const entries = names.map(entriesOf);
  for (const [index, applianceId] of names.entries()) {
    const lines = entries[index]?.flat() ?? [];
    // Batches and blocks end inside of entries.
    for (let from = 0; from < lines.length; from += 333)
      await logs.append(lines.slice(from, from + 333), { applianceId, file: applianceId });
  }
  const found = await find(names, 'oldest');
  const expected = entries[0]?.flatMap((entry, at) => [...entry, ...(entries[1]?.[at] ?? [])]);
  expect(found.map(({ text }) => text)).toEqual(expected);
  expect((await find(names, 'newest')).map(({ text }) => text)).toEqual(expected?.toReversed());
});
