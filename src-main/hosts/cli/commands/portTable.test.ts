import { expect, test } from 'vitest';
import type { PortRow } from '../../../../src-shared/contract/ports.ts';
import { chainHelp } from '../chainHelp.ts';
import { layerNames } from '../../../../src-shared/model/tunnels/tunnelLayer.ts';
import { chainLetters } from '../../../../src-shared/model/tunnels/portRow.ts';
import { portsCsv, portTable } from './portTable.ts';
import { changedRows } from './watchPorts.ts';

const row = (port: number | null, changes: Partial<PortRow> = {}): PortRow => ({
  applianceId: '6f6f4ff6-0b1c-4c6e-9d7a-0d5bd2f6a001',
  applianceName: 'kiln',
  clientId: 'acme',
  suspended: false,
  port,
  destination: 'smb://10.0.0.1:445',
  group: 'files',
  repository: 'office',
  chain: 'oooouu',
  tone: 'ok',
  code: 'T-4000',
  word: 'listening',
  peer: '198.51.100.7',
  connectVersion: '1.0.0',
  since: '2026-11-20T08:00:00.000Z',
  lastSeenAt: '2026-11-20T09:00:00.000Z',
  observedAt: '2026-11-20T09:00:00.000Z',
  probedAt: null,
  latencyMs: null,
  lastDrop: null,
  cluster: null,
  disagrees: false,
  ...changes,
});

test('CSV holds every row, quoted, and nothing that a spreadsheet would compute', () => {
  const text = portsCsv([
    row(2200, { repository: '=HYPERLINK("http://x")', latencyMs: 12 }),
    row(null, {
      destination: null,
      lastDrop: { at: '2026-11-20T07:00:00.000Z', reason: 'timed out, "twice"' },
    }),
  ]);
  const [header, first, second, ...more] = text.split('\r\n');
  expect(more).toEqual([]);
  expect(header).toMatch(/^appliance,tenant,port,/u);
  expect(first).toContain(`"'=HYPERLINK(""http://x"")"`);
  expect(second).toContain('"2026-11-20T07:00:00.000Z","timed out, ""twice"""');
  expect(new Set([header, first].map((line) => line?.split(',').length))).toHaveProperty('size', 1);
});

test('the table shows the drop, and what an appliance says can’t act on the terminal', () => {
  const text = portTable([row(2200, { lastDrop: { at: 'then', reason: 'red \u001b[31mherring' } })]);
  expect(text).toContain('2200  oooouu  T-4000 listening');
  expect(text).not.toContain('\u001b');
});

test('a later heartbeat is no change; a verdict, a new row and one that is gone are', () => {
  const before = [row(2200), row(2201), row(2202)];
  const later = { observedAt: '2026-11-20T09:00:05.000Z', lastSeenAt: '2026-11-20T09:00:05.000Z' };
  const now = [row(2200, later), row(2201, { ...later, code: 'T-6001', tone: 'bad' }), row(2203, later)];
  const { rows, gone } = changedRows(before, now);
  expect(rows.map((one) => one.port)).toEqual([2201, 2203]);
  expect(gone.map((one) => one.port)).toEqual([2202]);
});

test('people are told what a line shows, once: a drop or a latency alone is no line', () => {
  const old = row(2200);
  const now = row(2200, { latencyMs: 9, lastDrop: { at: '2026-11-20T08:59:00.000Z', reason: 'x' } });
  expect(changedRows([old], [now]).rows).toHaveLength(1);
  expect(changedRows([old], [now], 'people').rows).toEqual([]);
  expect(changedRows([old], [row(2200, { word: 'slow, 2.0 s' })], 'people').rows).toHaveLength(1);
});

test('a drop that another console saw first comes with the answer that shows it', () => {
  const lastDrop = { at: '2026-11-20T09:00:03.000Z', reason: 'closed' };
  const ahead = row(2200, { lastDrop });
  expect(changedRows([row(2200)], [ahead]).rows).toEqual([]);
  const seen = row(2200, { lastDrop, code: 'T-3001', observedAt: '2026-11-20T09:00:05.000Z' });
  expect(changedRows([ahead], [seen]).rows).toEqual([seen]);
});

test('the help explains every letter and layer of a chain', () => {
  const states = ['ok', 'warn', 'fail', 'unknown'] as const;
  for (const letter of chainLetters(states.map((state) => ({ state }))))
    expect(chainHelp).toMatch(new RegExp(`\\b${letter}  \\w`));
  for (const layer of layerNames) expect(chainHelp).toContain(layer);
});
