import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ExportFormat } from '../../../src-shared/model/syslog/export/exportFormats.ts';
import { createRedactor } from '../../../src-shared/model/syslog/redact/redactor.ts';
import { parseQuery } from '../../../src-shared/model/syslog/query/parseQuery.ts';
import type { LogQuery } from '../../../src-shared/model/syslog/query/logQuery.ts';
import { filledAt, openFilledLogs, type FilledLogs } from '../../../test-support/filledLogs.ts';
import { exportLogs, previewExport, type ExportPreview } from './exportLogs.ts';

let logs: FilledLogs;
beforeEach(() => {
  logs = openFilledLogs();
});
afterEach(() => logs.close());

const all: LogQuery = { kind: 'all' };
const folder = () => join(logs.folder, 'out');
const line = (minute: number, text: string) =>
  `Nov 20 09:${String(minute).padStart(2, '0')}:00 kiln sshd[7]: ${text}`;

function write(
  format: ExportFormat,
  options: {
    query?: LogQuery;
    redactor?: ReturnType<typeof createRedactor>;
    appliances?: Record<string, string>;
  } = {},
) {
  const { query = all, redactor = null, appliances = { kiln: 'kiln-01' } } = options;
  return exportLogs({
    engine: logs.engine,
    search: { query, appliances },
    redactor,
    folder: folder(),
    format,
    about: { query: 'all' },
    signal: new AbortController().signal,
  });
}
const read = (name: string) => readFile(join(folder(), name));
const readJsonLines = async () =>
  (await read('lines.jsonl'))
    .toString()
    .trimEnd()
    .split('\n')
    .map((text): unknown => JSON.parse(text));

test('when lines are exported as JSON lines, each has its file and offset, and the checksums hold', async () => {
  const [first, second] = [line(1, 'one ä'), line(2, 'two')];
  await logs.append([first], { file: 'old', isComplete: true });
  await logs.append([second, line(3, 'three')], { file: 'new', order: 2 });
  await logs.append([line(4, 'four')], { file: 'new', order: 2 });
  const { summary } = await write('jsonl');
  expect(await readJsonLines()).toMatchObject([
    {
      appliance: 'kiln-01',
      message: 'one ä',
      file: { id: 'old', device: '8:1' },
      offset: 0,
      line: 0,
      raw: first,
    },
    { message: 'two', file: { id: 'new' }, offset: 0, line: 0, program: 'sshd', pid: 7 },
    { message: 'three', offset: Buffer.byteLength(second) + 1, line: 1 },
    { message: 'four', offset: 2 * (Buffer.byteLength(second) + 1) + 2, line: 2 },
  ]);
  expect(summary).toMatchObject({ lines: 4, from: '2026-11-20T09:01:00.000Z', redaction: null });
  expect(JSON.parse((await read('manifest.json')).toString())).toMatchObject({
    ...summary,
    query: 'all',
    format: 'jsonl',
    files: [{ name: 'lines.jsonl' }],
  });
  const check = spawnSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: folder() });
  expect(check.stdout.toString()).toBe('lines.jsonl: OK\nmanifest.json: OK\n');
  for (const name of await readdir(folder())) expect((await stat(join(folder(), name))).mode & 0o077).toBe(0);
});

test('when lines are exported as text, bytes that are not UTF-8 stay', async () => {
  const damaged = Buffer.concat([Buffer.from(line(1, 'bad ')), Buffer.of(0xff, 0xfe)]);
  await logs.append([damaged, line(2, 'good')]);
  await write('text', { query: { kind: 'text', text: 'bad' } });
  expect(await read('lines.log')).toEqual(Buffer.concat([damaged, Buffer.from('\n')]));
});

test('when lines are exported as CSV, no cell starts a formula', async () => {
  await logs.append([line(1, '=HYPERLINK("http://x")'), line(2, 'a "b"')]);
  await write('csv');
  const rows = (await read('lines.csv')).toString().split('\r\n');
  expect(rows).toHaveLength(4);
  expect(rows[1]).toContain(`,"'=HYPERLINK(""http://x"")",`);
});

test('when values are hidden, no file has them, and the report counts them', async () => {
  await logs.append([line(1, 'Failed password for ada from 10.4.0.7 port 4'), line(2, 'again 10.4.0.7')]);
  const redactor = createRedactor({
    kinds: ['addresses', 'hosts', 'users'],
    names: { hosts: ['kiln', 'kiln-01'] },
    custom: [],
  });
  const { summary } = await write('jsonl', { redactor });
  expect(summary.redaction).toMatchObject([
    { kind: 'addresses', count: 2, distinct: 1 },
    { kind: 'hosts', distinct: 2 },
    { kind: 'users', count: 1 },
  ]);
  for (const name of await readdir(folder()))
    expect((await read(name)).toString()).not.toMatch(/10\.4\.0\.7|kiln|\bada\b/u);
  expect(await readJsonLines()).toMatchObject([
    { message: 'Failed password for <user-1> from <ip-1> port 4', host: '<host-2>', program: 'sshd' },
    { message: 'again <ip-1>' },
  ]);
});

test('when an export is previewed, shows lines with hidden values and writes nothing', async () => {
  await logs.append([line(1, 'nothing here'), line(2, 'from 10.4.0.7')]);
  const redactor = createRedactor({ kinds: ['addresses'], names: {}, custom: [] });
  const search = { query: all, appliances: { kiln: 'kiln-01' } };
  const reports: ExportPreview[] = [];
  for await (const report of previewExport({ engine: logs.engine, search, redactor }, 0))
    reports.push(report);
  expect(reports.map(({ summary, isDone }) => [summary.lines, isDone])).toEqual([
    [1, false],
    [2, false],
    [2, true],
  ]);
  const last = reports.at(-1);
  expect(last?.lines.map(({ message }) => message)).toEqual(['from <ip-1>']);
  expect(last?.summary).toMatchObject({ lines: 2, redaction: [{ kind: 'addresses', count: 1 }] });
  expect(await readdir(logs.folder)).not.toContain('out');
});

test('when the folder exists, it is not touched', async () => {
  await mkdir(folder());
  await expect(write('text')).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
  expect(await readdir(folder())).toEqual([]);
});

test('when the export is stopped, leaves nothing behind', async () => {
  await logs.append([line(1, 'one')]);
  const request = { engine: logs.engine, search: { query: all, appliances: { kiln: 'k' } }, redactor: null };
  const about = {};
  await expect(
    exportLogs({ ...request, folder: folder(), format: 'text', about, signal: AbortSignal.abort() }),
  ).rejects.toMatchObject({ name: 'AbortError' });
  expect(await readdir(logs.folder)).not.toContain('out');
});

test('when an export has a time range, only its lines are written', async () => {
  await logs.append([line(1, 'one'), line(2, 'two'), line(3, 'three')]);
  const at = Date.parse('2026-11-20T09:02:00Z');
  const { summary } = await exportLogs({
    engine: logs.engine,
    search: { query: all, appliances: { kiln: 'kiln-01' }, from: at, to: at },
    redactor: null,
    folder: folder(),
    format: 'text',
    about: {},
    signal: new AbortController().signal,
  });
  expect(summary.lines).toBe(1);
  expect((await read('lines.log')).toString()).toBe(`${line(2, 'two')}\n`);
});

test('when an export is larger than its limit, it is refused and leaves nothing behind', async () => {
  await logs.append([line(1, 'x'.repeat(100_000))]);
  const request = { engine: logs.engine, search: { query: all, appliances: { kiln: 'k' } }, redactor: null };
  const { signal } = new AbortController();
  await expect(
    exportLogs({ ...request, folder: folder(), format: 'text', about: {}, signal, maxBytes: 50_000 }),
  ).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  expect(await readdir(logs.folder)).not.toContain('out');
});

const second = Date.parse('2026-11-20T09:02:00Z');
/** A gap behind the lines that are kept now. */
const addGap = (id: string, since: number | null, until: number, sourceId: string | null = 'first') =>
  logs.engine.addGap({
    gap: {
      id,
      applianceId: 'kiln',
      sourceId,
      order: 1,
      fromByte: 100,
      toByte: 350,
      reason: 'deleted',
      text: `file of ${id} at 10.4.0.7`,
      since,
      until,
    },
    source: null,
  });

test('when lines are missing, the manifest has each gap of the range, and hides its values', async () => {
  await logs.append([line(1, 'one'), line(2, 'two')]);
  await addGap('first:deleted', second, second + 60_000);
  await logs.append([line(9, 'nine')]);
  await addGap('8:1:5:corrupt', null, filledAt, null);
  const redactor = createRedactor({
    kinds: ['addresses', 'hosts'],
    names: { hosts: ['kiln-01'] },
    custom: [],
  });
  const { summary } = await write('text', { redactor });
  expect(JSON.parse((await read('manifest.json')).toString())).toMatchObject({ gaps: summary.gaps });
  const gap = { appliance: '<host-1>', reason: 'deleted', fromByte: 100, toByte: 350 };
  expect(summary.gaps).toHaveLength(2);
  expect(summary.gaps).toContainEqual({
    ...gap,
    text: 'file of first:deleted at <ip-1>',
    file: { device: '8:1', inode: '5' },
    since: '2026-11-20T09:02:00.000Z',
    until: '2026-11-20T09:03:00.000Z',
  });
  expect(summary.gaps).toContainEqual(
    expect.objectContaining({ ...gap, since: null, file: { device: '8:1', inode: '5' } }),
  );
});

test.each([
  ['before its lines', 'time:<09:01:30', 0],
  ['with the time in which they were written', 'time:09:02..09:02', 1],
  ['between the line before and the end of the gap', '(time:>=09:02:30 time:<09:02:40) OR time:>=12:30', 1],
  ['after its end', 'time:>=09:04', 0],
  ['without a time', 'sshd', 1],
])('when the range of an export is %s (%s), it has %d gaps', async (_name, text, count) => {
  await logs.append([line(1, 'one'), line(2, 'two')]);
  await addGap('first:deleted', second, second + 60_000);
  const { query } = parseQuery(text, { now: filledAt, timeZone: 'UTC' });
  const reports: ExportPreview[] = [];
  const search = { query, appliances: { kiln: 'kiln-01' } };
  for await (const report of previewExport({ engine: logs.engine, search, redactor: null }, Infinity))
    reports.push(report);
  expect(reports.at(-1)?.summary.gaps).toHaveLength(count);
});

test('when another appliance has a gap, it is not in the export', async () => {
  await logs.append([line(1, 'one')]);
  await addGap('first:deleted', second, second + 60_000);
  await logs.append([line(1, 'one')], { applianceId: 'forge' });
  const { summary } = await write('text', { appliances: { forge: 'forge-01' } });
  expect(summary).toMatchObject({ lines: 1, gaps: [] });
});
