import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FoundLines } from '../../../src-shared/contract/logs.ts';
import { keyAfter } from '../../../src-shared/model/syslog/keptLine.ts';
import { parseQuery } from '../../../src-shared/model/syslog/query/parseQuery.ts';
import { parseSyslogLine } from '../../../src-shared/model/syslog/syslogParse.ts';
import { AppError } from '../../../src-shared/errors.ts';
import { anEntry } from '../../../test-support/anEntry.ts';
import { createLogEngineClient } from '../store/process/engineClient.ts';
import { forkEngine } from '../store/process/forkEngine.ts';
import type { LogEngine } from '../store/process/engine.ts';
import { createKeptSearches, type KeptSearches, type LinesRequest } from './keptSearches.ts';

const key = (letter: string) => `SHA256:${letter.repeat(43)}`;
const entry = anEntry('kiln-01');
const texts = [
  'sshd[812]: Connection from 10.4.0.7 port 52144 on 10.0.0.1 port 22',
  `sshd[812]: Accepted publickey for connect from 10.4.0.7 port 52144 ssh2: ED25519 ${key('n')}`,
  'sshd[812]: User child is on pid 815',
  'sshd[815]: error: bind [127.0.0.1]:2204: Address already in use',
  'ke_registrar[7]: northwind: heartbeat',
  'app[7]: job 1 failed',
  'sshd[815]: Disconnected from user connect 10.4.0.7 port 52144',
  `sshd[815]: Accepted publickey for connect from 10.4.0.9 port 40000 ssh2: ED25519 ${key('u')}`,
  'sshd[815]: session opened',
];
const receivedAt = Date.parse('2026-11-20T04:00:00Z');
const timeOf = (at: number) => new Date(Date.parse('2026-11-20T03:00:00Z') + at * 60_000).toISOString();

let folder: string;
let engine: LogEngine;
let searches: KeptSearches;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-kept-'));
  engine = createLogEngineClient({ start: () => forkEngine(folder) });
  const bytes = Buffer.from(texts.map((text, at) => `${timeOf(at)} kiln-01 ${text}\n`).join(''));
  const source = {
    id: 'log',
    device: '8:1',
    inode: '7',
    head: '',
    anchor: '',
    end: null,
    start: 0,
    offset: bytes.length,
    order: 1,
    isComplete: false,
  };
  await engine.append({
    applianceId: entry.id,
    source,
    from: 0,
    to: bytes.length,
    bytes,
    receivedAt,
    zoneOffsetMinutes: 0,
    skewMs: 0,
  });
  await engine.addGap({
    gap: {
      applianceId: entry.id,
      id: 'lost',
      sourceId: 'log',
      order: 1,
      fromByte: bytes.length,
      toByte: null,
      reason: 'deleted',
      text: '',
      since: receivedAt,
      until: receivedAt + 1000,
    },
    source: null,
  });
  searches = createSearches(() => engine);
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

const createSearches = (engineOf: () => LogEngine) =>
  createKeptSearches({
    engine: engineOf,
    inventory: {
      get: (id) => {
        if (id !== entry.id) throw new AppError('NOT_FOUND', 'No such appliance.');
        return entry;
      },
    },
    tenantsOf: () => [
      {
        clientId: 'northwind',
        ports: [{ first: 2200, last: 2239 }],
        fingerprints: [key('n'), key('o')],
        validFingerprints: [key('n')],
      },
      { clientId: 'umbrella', ports: [], fingerprints: [key('u')], validFingerprints: [key('u')] },
    ],
    clock: Date.now,
  });

const searchOf = (text: string): LinesRequest['search'] => ({
  query: parseQuery(text, { now: receivedAt, timeZone: 'UTC' }).query,
  applianceIds: [entry.id],
  from: null,
  to: null,
});

async function collect(request: Partial<LinesRequest> & Pick<LinesRequest, 'search'>) {
  const batches: FoundLines[] = [];
  const usual = { direction: 'newer', after: null, limit: 100 } as const;
  for await (const batch of searches.lines({ ...usual, ...request }, new AbortController().signal))
    batches.push(batch);
  const lines = batches.flatMap((batch) => batch.lines);
  return {
    numbers: lines.map((line) => line.key.line),
    messages: lines.map((line) => parseSyslogLine(line.text, line).message),
    isDone: batches.at(-1)?.isDone,
  };
}
const find = async (text: string) => (await collect({ search: searchOf(text) })).numbers;

test('when a tenant is searched, its lines are found by name, key, port, and the processes of its sessions', async () => {
  expect(await find('tenant:northwind')).toEqual([1, 2, 3, 4, 6]);
  expect(await find('tenant:umbrella')).toEqual([7, 8]);
  expect(await find('-tenant:*')).toEqual([0, 5]);
  expect(await find('tenant:north* -heartbeat severity:<=err')).toEqual([3]);
});

test.each([
  ['was written before the login', 0, []],
  ['has the key', 1, ['northwind']],
  ['was written by the session’s child', 3, ['northwind']],
  ['names the tenant', 4, ['northwind']],
  ['is of another program', 5, []],
  ['names the connection', 6, ['northwind']],
  ['was written by another session with the same process number', 8, ['umbrella']],
  ['does not exist', 99, []],
])('when a line %s, its tenants and their present keys are known', async (_name, line, clientIds) => {
  expect(await searches.tenantsOf({ source: 1, line })).toEqual({
    clientIds,
    keys: clientIds.map((clientId) => ({ clientId, fingerprint: key(clientId.charAt(0)) })),
  });
});

test('when a port is searched, the lines that name it are found', async () => {
  expect(await find('port:2204')).toEqual([3]);
  expect(await find('port:2205..2239')).toEqual([]);
});

test('when lines are read in both directions from a time, each comes once', async () => {
  const search = searchOf('');
  const after = keyAfter(Date.parse(timeOf(4)));
  expect(await collect({ search, after, limit: 2 })).toMatchObject({ numbers: [5, 6], isDone: false });
  expect(await collect({ search, after, direction: 'older' })).toMatchObject({
    numbers: [4, 3, 2, 1, 0],
    isDone: true,
  });
});

test('when lines are counted, the last report is exact and has a bar for each severity', async () => {
  const reports = [];
  for await (const report of searches.count(searchOf('sshd'), 3, new AbortController().signal))
    reports.push(report);
  const last = reports.at(-1);
  expect(last).toMatchObject({ hits: 7, isDone: true, histogram: { bars: 3 } });
  expect(last?.histogram?.counts.reduce((sum, count) => sum + count, 0)).toBe(7);
});

test('when a line is asked for by its address, it is returned, and null if it is not kept', async () => {
  const [first] = (await engine.listSources({ applianceId: entry.id })).map(({ source }) => source);
  const source = first ?? 0;
  expect((await searches.line({ source, line: 5 }))?.text).toContain('job 1 failed');
  expect(await searches.line({ source, line: 99 })).toBeNull();
});

test('when lines are missing, the gap comes behind the line before it', async () => {
  const [gap] = await searches.gaps([entry.id]);
  expect(gap).toMatchObject({
    id: 'lost',
    reason: 'deleted',
    file: { device: '8:1', inode: '7' },
    key: { sort: Date.parse(timeOf(8)), line: 8.5 },
  });
});

test('when the appliance is unknown, rejects with NOT_FOUND', async () => {
  const search = { ...searchOf(''), applianceIds: ['00000000-0000-4000-8000-0000000000ff'] };
  await expect(collect({ search })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

const stopped = () => Promise.reject(new AppError('STORE_FAILED', 'The log engine has stopped.'));

test('when the engine stops during a search, its reader gets the error of the engine', async () => {
  const stopping = createSearches(() => ({ ...engine, searchPage: stopped, cancelSearch: stopped }));
  const request = { search: searchOf('sshd'), direction: 'newer', after: null, limit: 10 } as const;
  const lines = stopping.lines(request, new AbortController().signal);
  await expect(lines.next()).rejects.toMatchObject({ code: 'STORE_FAILED' });
});
