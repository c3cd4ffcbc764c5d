import { afterAll, beforeAll, expect, test } from 'vitest';
import { secondMs } from '../../../../src-shared/base/time.ts';
import type { LogQuery } from '../../../../src-shared/model/syslog/query/logQuery.ts';
import { expectWithin } from '../../../../test-support/expectWithin.ts';
import { openFilledLogs, type FilledLogs } from '../../../../test-support/filledLogs.ts';
import { peakMbOfEngine } from '../../../../test-support/keepLogApart.ts';
import { countLogs, searchLogs } from '../../kept/searchLogs.ts';

const [lines, names, linesPerBatch] = [200_000, 10_000, 2000];
const early = Date.parse('1970-01-01T00:00:00Z');
const late = Date.parse('2100-01-01T00:00:00Z');
/** The most that an answer may take **[ours]**. It usually takes a small part of it. */
const patienceMs = 10 * secondMs;

/** Each program and each host has 20 lines, in the same order; half of the lines are of 1970, half of 2100. */
function lineOf(at: number): string {
  const time = new Date((at % 2 === 0 ? early : late) + at * secondMs).toISOString();
  return `${time} host-${(at * 7) % names} program-${at % names}[7]: number ${at}`;
}

let logs: FilledLogs;
beforeAll(async () => {
  logs = openFilledLogs();
  for (let from = 0; from < lines; from += linesPerBatch)
    await logs.append(Array.from({ length: linesPerBatch }, (_, index) => lineOf(from + index)));
});
afterAll(() => logs.close());

const inTime = <Result>(work: () => Promise<Result>): Promise<Result> => expectWithin(patienceMs, work);
const field = (name: 'program' | 'host', value: string): LogQuery => ({
  kind: 'field',
  field: name,
  op: '=',
  value,
});
const appliances = { kiln: 'kiln' };

test('when lines have 10,000 programs and hosts and are of 1970 and 2100, each is found by its name', async () => {
  for (const at of [0, 4321, 9999]) {
    const query = field('program', `program-${at}`);
    const found: string[] = [];
    const search = { query, appliances, order: 'oldest', limit: Infinity } as const;
    await inTime(async () => {
      for await (const line of searchLogs(logs.engine, search)) found.push(line.text);
    });
    const numbers = Array.from({ length: lines / names }, (_, round) => round * names + at);
    expect(found).toEqual(numbers.map(lineOf));
    const host = field('host', `host-${at}`);
    expect(await inTime(() => countLogs(logs.engine, { query: host, appliances }))).toBe(lines / names);
  }
  const all = { query: { kind: 'all' } as const, appliances };
  expect(await inTime(() => countLogs(logs.engine, all))).toBe(lines);
});

test('when the names of 10,000 programs are counted, each line counts, and memory stays bounded', async () => {
  const { id } = await logs.engine.openSearch({ query: { kind: 'all' } });
  const last = await inTime(async () => {
    let report;
    for await (const progress of logs.engine.searchProgress({
      id,
      bars: 1000,
      reportMs: 100,
      hasFacets: true,
    }))
      report = progress;
    return report;
  });
  expect(last).toMatchObject({ hits: lines, isDone: true });
  for (const counts of [last?.facets?.program, last?.facets?.host]) {
    const named = counts?.values ?? [];
    expect(named.length).toBeGreaterThan(0);
    for (const { count } of named) expect(count).toBe(lines / names);
    expect(counts?.others).toBe(lines - named.length * (lines / names));
  }
  expect(await peakMbOfEngine(process.pid)).toBeLessThan(350);
});
