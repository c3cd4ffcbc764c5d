import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LogExportPart } from '../../src-shared/contract/logExport.ts';
import type { LogQuery } from '../../src-shared/model/syslog/query/logQuery.ts';
import { anInput } from '../../test-support/anEntry.ts';
import { createTestServices, type TestServices } from '../../test-support/testConsole.ts';

let site: TestServices;
let kilnId: string;
const texts = [
  'Nov 20 09:01:00 kiln sshd[7]: Failed password for ada from 10.4.0.7 port 4',
  'Nov 20 09:02:00 kiln sshd[7]: session closed',
  'Nov 20 09:03:00 kiln nginx: GET / from 10.4.0.7',
];
beforeEach(async () => {
  site = createTestServices();
  kilnId = site.services.inventory.add(anInput('kiln'), []).id;
  const bytes = Buffer.from(texts.map((text) => `${text}\n`).join(''));
  const identity = { id: 'log', device: '8:1', inode: '7', head: '', anchor: '', end: null };
  await site.services.keptLogs.engine().append({
    applianceId: kilnId,
    source: { ...identity, start: 0, offset: bytes.length, order: 1, isComplete: false },
    from: 0,
    to: bytes.length,
    bytes,
    receivedAt: Date.parse('2026-11-20T12:00:00Z'),
    zoneOffsetMinutes: 0,
    skewMs: 0,
  });
});
afterEach(() => site.close());

const searchOf = (query: LogQuery) => ({ query, applianceIds: [kilnId], from: null, to: null });
const sshd: LogQuery = { kind: 'field', field: 'program', op: '=', value: 'sshd' };
const hideAddresses = { kinds: ['addresses' as const], custom: [], users: [] };
const leftovers = () => readdirSync(tmpdir()).filter((name) => name.startsWith('sallyport-page-export-'));

test('when found lines are exported for the page, they come as one archive whose checksums hold', async () => {
  const before = leftovers();
  const parts: LogExportPart[] = [];
  const request = { search: searchOf(sshd), redaction: hideAddresses, format: 'text' as const };
  for await (const part of site.services.logExports.write(request, new AbortController().signal))
    parts.push(part);
  const archive = Buffer.concat(
    parts.flatMap((part) => (part.kind === 'part' ? [Buffer.from(part.base64, 'base64')] : [])),
  );
  const done = parts.at(-1);
  if (done?.kind !== 'done') throw new Error('the export has no end');
  expect(done.summary).toMatchObject({ lines: 2, redaction: [{ kind: 'addresses', count: 1, distinct: 1 }] });
  const into = join(site.dataFolder, 'unpacked');
  mkdirSync(into);
  writeFileSync(join(into, done.name), archive);
  execFileSync('tar', ['-xzf', done.name], { cwd: into });
  const folder = join(into, done.name.replace('.tar.gz', ''));
  expect(spawnSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: folder }).status).toBe(0);
  expect(readFileSync(join(folder, 'lines.log'), 'utf8')).toBe(
    `${texts[0]?.replace('10.4.0.7', '<ip-1>')}\n${texts[1]}\n`,
  );
  expect(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))).toMatchObject({
    appliances: ['kiln'],
    query: 'program:sshd',
    lines: 2,
    gaps: [],
  });
  expect(done.summary).toMatchObject({ gapCount: 0, gaps: [] });
  expect(leftovers()).toEqual(before);
  expect(
    site.services.audit.list({ before: null, limit: 2, query: 'syslog.export', chip: null }),
  ).toMatchObject({ records: [{ phase: 'outcome', result: 'ok' }, { phase: 'intent' }] });
});

test('when the reader of an export leaves, nothing stays on the disk', async () => {
  const before = leftovers();
  const request = { search: searchOf({ kind: 'all' }), redaction: hideAddresses, format: 'csv' as const };
  for await (const _ of site.services.logExports.write(request, new AbortController().signal)) break;
  expect(leftovers()).toEqual(before);
});

test('when an export is previewed, shows the lines with hidden values and counts them', async () => {
  const reports = [];
  for await (const report of site.services.logExports.preview(searchOf({ kind: 'all' }), hideAddresses))
    reports.push(report);
  expect(reports.at(-1)).toMatchObject({
    lines: [texts[0]?.replace('10.4.0.7', '<ip-1>'), texts[2]?.replace('10.4.0.7', '<ip-1>')],
    summary: { lines: 3, redaction: [{ kind: 'addresses', count: 2, distinct: 1 }] },
    isDone: true,
  });
});

test('when an own rule can’t be used, rejects with INVALID_INPUT', async () => {
  const redaction = { kinds: ['custom' as const], custom: ['(a'], users: [] };
  const preview = site.services.logExports.preview(searchOf({ kind: 'all' }), redaction);
  await expect(preview.next()).rejects.toMatchObject({ code: 'INVALID_INPUT' });
});
