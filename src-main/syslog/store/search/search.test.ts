import type { LogFacets } from '../../../../src-shared/contract/logs.ts';
import fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LogQuery } from '../../../../src-shared/model/syslog/query/logQuery.ts';
import { createLineMatcher } from '../../../../src-shared/model/syslog/query/matchLine.ts';
import { severities, type Severity } from '../../../../src-shared/model/syslog/syslogLine.ts';
import { parseSyslogLine } from '../../../../src-shared/model/syslog/syslogParse.ts';
import { filtersPerGroup } from '../bloom/slices.ts';
import { openLogDatabase, openLogReader, type LogDatabase } from '../database.ts';
import { createLogWriter, type LogWriter } from '../write/logWriter.ts';
import { createMaintenance } from '../write/maintenance.ts';
import { createLocalScanPool } from './scanPool.ts';
import type { FoundLine } from './foundLine.ts';
import type { LinePage } from './pageScan.ts';
import { createSearches, type Searches } from './searches.ts';
import type { LineKey } from '../../../../src-shared/model/syslog/keptLine.ts';
import type { SearchOrder, SearchRequest } from './searchSpec.ts';

let folder: string;
let database: LogDatabase;
let writer: LogWriter;
let reader: LogDatabase;
let searches: Searches;
const openStore = () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-search-'));
  database = openLogDatabase(folder);
  writer = createLogWriter(database);
  reader = openLogReader(folder);
  searches = createSearches(reader, createLocalScanPool(reader));
};
const closeStore = () => {
  searches.close();
  reader.sqlite.close();
  writer.close();
  rmSync(folder, { recursive: true, force: true });
};
beforeEach(openStore);
afterEach(closeStore);

const start = Date.parse('2026-11-20T09:00:00Z');
const applianceNames = { one: 'kiln-01', two: 'kiln-02' };
type Kept = {
  applianceId: string;
  source: number;
  rank: number;
  line: number;
  text: string;
  sort: number;
  skewMs: number;
  receivedAt: number;
};
/** What was appended, with the sort times by definition. */
let kept: Kept[] = [];
beforeEach(() => {
  kept = [];
});

type Append = {
  applianceId: string;
  path: string;
  lines: string[];
  skewMs: number;
  isComplete?: boolean;
};

function append({ applianceId, path, lines, skewMs, isComplete = false }: Append): void {
  const known = writer.list(applianceId).find(({ facts }) => facts.id === path);
  const from = known?.facts.offset ?? 0;
  const line = known?.line ?? 0;
  const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''));
  const receivedAt = start + 3_600_000;
  const to = from + bytes.length;
  // The later a name in the alphabet, the earlier are its lines of the same time.
  const order = -path.charCodeAt(0);
  writer.append([
    {
      applianceId,
      from,
      to,
      bytes,
      receivedAt,
      zoneOffsetMinutes: 0,
      skewMs,
      source: { id: path, start: 0, offset: to, order, isComplete },
    },
  ]);
  const source = writer.list(applianceId).find(({ facts }) => facts.id === path)?.source ?? 0;
  const before = kept.findLast((line) => line.source === source)?.sort ?? null;
  let last = before;
  for (const [at, text] of lines.entries()) {
    const { time } = parseSyslogLine(text, { receivedAt });
    const own = time === null ? null : Date.parse(time) - skewMs;
    if (own !== null && own <= receivedAt + 86_400_000) last = last === null ? own : Math.max(last, own);
    else last ??= receivedAt;
    kept.push({ applianceId, source, rank: order, line: line + at, text, sort: last, skewMs, receivedAt });
  }
}

const compare = (left: Kept, right: Kept) =>
  left.sort - right.sort || left.rank - right.rank || left.source - right.source || left.line - right.line;

function expected(
  query: LogQuery,
  { order = 'newest', from = null, to = null, applianceIds = null }: Omit<SearchRequest, 'query'>,
): Kept[] {
  const matches = createLineMatcher(query);
  const found = kept
    .filter(({ applianceId }) => applianceIds === null || applianceIds.includes(applianceId))
    .filter(({ sort }) => sort >= (from ?? -Infinity) && sort <= (to ?? Infinity))
    .filter(({ text, applianceId, skewMs, receivedAt }) => {
      const parsed = parseSyslogLine(text, { receivedAt });
      const time = parsed.time === null ? null : new Date(Date.parse(parsed.time) - skewMs).toISOString();
      const appliance = applianceId === 'one' ? 'kiln-01' : 'kiln-02';
      return matches({
        ...parsed,
        time,
        receivedAt: new Date(receivedAt).toISOString(),
        appliance,
        tenants: [],
        ports: [],
      });
    })
    .sort(compare);
  return order === 'newest' ? found.toReversed() : found;
}

async function readAll(
  request: SearchRequest,
  limit: number,
  between: () => void = () => undefined,
  /** Whether each page starts anew at its cursor. */
  restarts = false,
): Promise<FoundLine[]> {
  const { id } = searches.open({ applianceNames, ...request });
  const lines: FoundLine[] = [];
  let cursor: LineKey | null = null;
  for (;;) {
    const page = await searches.page({ id, cursor, limit });
    expect(page.lines.length).toBeLessThanOrEqual(limit);
    lines.push(...page.lines);
    ({ cursor } = page);
    if (page.isDone) break;
    between();
    if (restarts) await searches.page({ id, cursor: null, limit: 1 });
  }
  searches.cancel(id);
  return lines;
}
const address = ({ key }: FoundLine) => `${key.source}:${key.line}`;
const addressOfKept = ({ source, line }: Kept) => `${source}:${line}`;

async function countAll(request: SearchRequest, bars: number, hasFacets = false) {
  const { id } = searches.open({ applianceNames, ...request });
  let last;
  for await (const progress of searches.progress({ id, bars, reportMs: 20, hasFacets })) last = progress;
  return last;
}

/** Hits by value as sorted texts. */
const listFacet = ({ values, others }: LogFacets['program']) => [
  ...values.map(({ value, count }) => `${value} ${count}`).toSorted(),
  others,
];
function facetsOf(facets: LogFacets | null) {
  if (facets === null) return null;
  return {
    severity: facets.severity,
    program: listFacet(facets.program),
    host: listFacet(facets.host),
    appliance: listFacet(facets.appliance),
  };
}
function countValues(values: readonly (string | null)[]) {
  const names = [...new Set(values.filter((value) => value !== null))];
  return [...names.map((name) => `${name} ${values.filter((one) => one === name).length}`).toSorted(), 0];
}
const severityNumber = (severity: Severity | null) => (severity === null ? 8 : severities.indexOf(severity));
function expectedFacets(wanted: readonly Kept[]): ReturnType<typeof facetsOf> {
  const parsed = wanted.map(({ text, receivedAt }) => parseSyslogLine(text, { receivedAt }));
  return {
    severity: Array.from(
      { length: 9 },
      (_, number) => parsed.filter(({ severity }) => severityNumber(severity) === number).length,
    ),
    program: countValues(parsed.map(({ program }) => program)),
    host: countValues(parsed.map(({ host }) => host)),
    appliance: countValues(wanted.map(({ applianceId }) => applianceId)),
  };
}

const messages = [
  'Accepted publickey for connect',
  'error: bind failed',
  'session opened',
  'CMD (run-parts)',
];
const batch = fc.record({
  applianceId: fc.constantFrom('one', 'two'),
  path: fc.constantFrom('a', 'b'),
  skewMs: fc.constantFrom(0, 5000, -60_000),
  first: fc.nat(600),
  step: fc.integer({ min: -2, max: 4 }),
  count: fc.constantFrom(1, 3, 40, 900),
  programs: fc.array(fc.constantFrom('sshd[812]', 'CRON[7]', 'kernel'), { minLength: 1, maxLength: 3 }),
  end: fc.constantFrom('none', 'none', 'end', 'turn'),
});
function linesOf({
  first,
  step,
  count,
  programs,
}: {
  first: number;
  step: number;
  count: number;
  programs: string[];
}): string[] {
  return Array.from({ length: count }, (_, at) => {
    if (at % 97 === 13) return '\tat a line without a time';
    if (at % 211 === 17) return '2100-01-01T00:00:00Z kiln kernel: from the future';
    const time = new Date(start + (first + step * at) * 1000).toISOString();
    return `${time} kiln ${programs[at % programs.length] ?? ''}: ${messages[at % messages.length] ?? ''} number ${at} ${at % 50 === 0 ? 'Größe' : ''}`;
  });
}
const queries: LogQuery[] = [
  { kind: 'all' },
  { kind: 'word', text: 'Accepted' },
  { kind: 'word', text: 'absent' },
  { kind: 'word', text: 'größe' },
  { kind: 'text', text: 'number 39' },
  { kind: 'regexp', source: String.raw`number \d*7\b`, flags: '' },
  { kind: 'field', field: 'severity', op: '<=', value: 'err' },
  { kind: 'field', field: 'time', op: '>=', value: start + 300_000 },
  {
    kind: 'and',
    nodes: [
      { kind: 'field', field: 'program', op: '=', value: 'sshd' },
      { kind: 'not', node: { kind: 'word', text: 'session' } },
    ],
  },
  {
    kind: 'or',
    nodes: [
      { kind: 'text', text: 'absent' },
      { kind: 'field', field: 'appliance', op: '=', value: 'kiln-02' },
    ],
  },
];
const request = fc.record({
  order: fc.constantFrom<SearchOrder>('newest', 'oldest'),
  from: fc.option(fc.nat(600).map((second) => start + second * 1000)),
  to: fc.option(fc.nat(1200).map((second) => start + second * 1000)),
  applianceIds: fc.constantFrom<string[] | null>(null, ['two']),
});

describe('when random logs of several sources are searched', () => {
  test('pages have exactly the lines of the reference, in order, and counts and bars agree', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(batch, { minLength: 1, maxLength: 14 }),
        fc.tuple(...queries.map((query) => request.map((rest) => ({ query, ...rest })))),
        fc.constantFrom(7, 100, 1000),
        async (batches, requests, limit) => {
          closeStore();
          openStore();
          kept = [];
          const { step } = createMaintenance(database);
          for (const { end, ...rest } of batches) {
            append({ ...rest, lines: linesOf(rest), isComplete: end === 'end' });
            if (end === 'turn') while (step(() => ({ maxBytes: 1e12, maxAgeMs: 1e15 }), start)) continue;
          }
          for (const one of requests) {
            const wanted = expected(one.query, one);
            const found = await readAll(one, limit);
            expect(found.map(address)).toEqual(wanted.map(addressOfKept));
            expect(found.map(({ text }) => text)).toEqual(wanted.map(({ text }) => text));
            expect(found.map(({ key }) => key.sort)).toEqual(wanted.map(({ sort }) => sort));
            const plain = await countAll(one, 0);
            expect(plain).toMatchObject({ hits: wanted.length, isDone: true, histogram: null });
            const counted = await countAll(one, 10, true);
            expect(facetsOf(counted?.facets ?? null)).toEqual(expectedFacets(wanted));
            expect(counted?.hits).toBe(wanted.length);
            const { from = 0, to = 0 } = counted?.histogram ?? {};
            expect(wanted.filter(({ sort }) => sort < from || sort > to)).toEqual([]);
            const bySeverity = Array.from({ length: 9 }, (_, number) =>
              (counted?.histogram?.counts ?? [])
                .filter((_count, at) => at % 9 === number)
                .reduce((sum, count) => sum + count, 0),
            );
            const severityOf = ({ text, receivedAt }: Kept) => {
              const { severity } = parseSyslogLine(text, { receivedAt });
              return severity === null ? 8 : severities.indexOf(severity);
            };
            expect(bySeverity).toEqual(
              Array.from(
                { length: 9 },
                (_, number) => wanted.filter((line) => severityOf(line) === number).length,
              ),
            );
          }
        },
      ),
      { numRuns: 8 },
    );
  });

  test('a restart of the page at any cursor continues after it', async () => {
    for (let at = 0; at < 6; at += 1)
      append({
        applianceId: at % 2 === 0 ? 'one' : 'two',
        path: 'a',
        skewMs: 0,
        lines: linesOf({ first: at * 10, step: 1, count: 900, programs: ['sshd[1]'] }),
      });
    for (const order of ['newest', 'oldest'] as const) {
      const all = expected({ kind: 'word', text: 'number' }, { order });
      for (const at of [0, 1, 500, all.length - 2, all.length - 1]) {
        const { sort, rank, source, line } = all[at] ?? { sort: 0, rank: 0, source: 0, line: 0 };
        const { id } = searches.open({ query: { kind: 'word', text: 'number' }, order });
        const lines: FoundLine[] = [];
        // A page comes after a fixed time with what was found until then.
        for (let cursor: LineKey | null = { sort, rank, source, line }; lines.length < 50;) {
          const page: LinePage = await searches.page({ id, cursor, limit: 50 - lines.length });
          lines.push(...page.lines);
          if (page.isDone) break;
          ({ cursor } = page);
        }
        expect(lines.map(address)).toEqual(all.slice(at + 1, at + 51).map(addressOfKept));
      }
    }
  });
});

const appendMore = (at: number) =>
  append({
    applianceId: 'one',
    path: 'a',
    skewMs: 0,
    lines: linesOf({ first: at * 3, step: 1, count: 900, programs: ['sshd[1]', 'kernel'] }),
  });

describe('while lines arrive, blocks are sealed and old ones removed', () => {
  test('a search finds the lines that were there when it began, each once', async () => {
    for (let at = 0; at < 12; at += 1) appendMore(at);
    for (const text of ['number', 'Accepted']) {
      const wanted = expected({ kind: 'word', text }, {});
      let at = 12;
      const order = text === 'number' ? 'newest' : 'oldest';
      const found = await readAll(
        { query: { kind: 'word', text }, order },
        200,
        () => appendMore((at += 1)),
        true,
      );
      expect(found.map(address)).toEqual(
        (order === 'newest' ? wanted : wanted.toReversed()).map(addressOfKept),
      );
    }
  });

  test('lines that are removed meanwhile end the search early, and the bound is known', async () => {
    for (let at = 0; at < 30; at += 1)
      append({
        applianceId: 'one',
        path: 'a',
        skewMs: 0,
        lines: linesOf({ first: at * 900, step: 1, count: 900, programs: ['sshd[1]'] }),
      });
    const { step } = createMaintenance(database);
    const wanted = expected({ kind: 'all' }, {});
    let rounds = 0;
    const found = await readAll({ query: { kind: 'all' } }, 500, () => {
      rounds += 1;
      if (rounds === 3) while (step(() => ({ maxBytes: 100_000, maxAgeMs: 1e15 }), start)) continue;
    });
    expect(found.length).toBeLessThan(wanted.length);
    expect(found.map(address)).toEqual(wanted.slice(0, found.length).map(addressOfKept));
    const { id } = searches.open({ query: { kind: 'all' } });
    const firstKept = writer.list('one')[0]?.firstKeptLine ?? 0;
    expect(searches.removedUntil(id)).toBe(kept[firstKept - 1]?.sort);
    const rest = await readAll({ query: { kind: 'all' }, order: 'oldest' }, 1000);
    expect(rest.map(address)).toEqual(kept.slice(firstKept).map(addressOfKept));
  });
});

const around = (line: number) => searches.context({ source: 1, line, before: 3, after: 2 }).map(address);

test('when filters are turned, a search finds the same lines', async () => {
  const { step } = createMaintenance(database);
  for (let block = 0; block < 2 * filtersPerGroup + 3; block += 1) {
    const lines = Array.from(
      { length: 200 },
      (_, at) => `2026-11-20T09:00:00Z kiln sshd[7]: unique${block} among ${'common '.repeat(8)}${at}`,
    );
    append({ applianceId: 'one', path: `a${block}`, skewMs: 0, lines, isComplete: true });
    while (step(() => ({ maxBytes: 1e12, maxAgeMs: 1e15 }), start)) continue;
  }
  for (const text of ['unique0', 'unique63', 'unique64', 'unique127', 'unique130', 'absent', 'nique12'])
    for (const kind of ['word', 'text'] as const) {
      const wanted = expected({ kind, text }, {});
      const found = await readAll({ query: { kind, text } }, 1000);
      expect(found.map(address)).toEqual(wanted.map(addressOfKept));
      expect(await countAll({ query: { kind, text } }, 0)).toMatchObject({ hits: wanted.length });
    }
});

test('shows the lines around a hit, whatever the query', () => {
  append({
    applianceId: 'one',
    path: 'a',
    skewMs: 0,
    lines: linesOf({ first: 0, step: 1, count: 5000, programs: ['sshd[1]'] }),
  });
  expect(around(2000)).toEqual(['1:1997', '1:1998', '1:1999', '1:2000', '1:2001', '1:2002']);
  expect(around(1)).toEqual(['1:0', '1:1', '1:2', '1:3']);
  expect(around(4999)).toEqual(['1:4996', '1:4997', '1:4998', '1:4999']);
});

test('when a search is cancelled, its pages and counts end with CANCELLED or NOT_FOUND', async () => {
  append({
    applianceId: 'one',
    path: 'a',
    skewMs: 0,
    lines: linesOf({ first: 0, step: 1, count: 9000, programs: ['sshd[1]'] }),
  });
  const { id } = searches.open({ query: { kind: 'all' } });
  const page = searches.page({ id, cursor: null, limit: 1000 });
  const counting = countAllOf(id);
  searches.cancel(id);
  await expect(page).rejects.toMatchObject({ code: expect.stringMatching(/CANCELLED|NOT_FOUND/u) });
  await expect(counting).rejects.toMatchObject({ code: 'CANCELLED' });
  await expect(searches.page({ id, cursor: null, limit: 1 })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
async function countAllOf(id: string): Promise<number> {
  let hits = 0;
  for await (const progress of searches.progress({ id, bars: 0, reportMs: 5 })) ({ hits } = progress);
  return hits;
}

test('rejects fields that the store does not know with INVALID_INPUT', () => {
  expect(() =>
    searches.open({ query: { kind: 'field', field: 'tenant', op: '=', value: 'northwind' } }),
  ).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
});
