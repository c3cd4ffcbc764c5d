import { expect, test } from 'vitest';
import type { PortRow } from '../../../../src-shared/contract/ports.ts';
import { chainHelp } from '../tunnelCommands.ts';
import { layerNames } from '../../../../src-shared/model/tunnels/tunnelCodes/tunnelCode.ts';
import { formatChainLetters } from '../../../../src-shared/model/tunnels/portRow.ts';
import { aPortRow } from '../../../../test-support/aPortRow.ts';
import { portTable } from './portTable.ts';
import { changedRows } from './watchPorts.ts';

const row = (port: number | null, changes: Partial<PortRow> = {}) => aPortRow({ port, ...changes });

test('when a drop has a reason, the table shows it without control characters', () => {
  const text = portTable([row(2200, { lastDrop: { at: 'then', reason: 'red \u001b[31mherring' } })]);
  expect(text).toContain('2200  oooouu  T-4000 listening');
  expect(text).not.toContain('\u001b');
});

test('when only the heartbeat is later, a row counts as unchanged; a new code or a new or missing row counts as changed', () => {
  const before = [row(2200), row(2201), row(2202)];
  const later = { observedAt: '2026-11-20T09:00:05.000Z', lastSeenAt: '2026-11-20T09:00:05.000Z' };
  const now = [row(2200, later), row(2201, { ...later, code: 'T-6001', tone: 'bad' }), row(2203, later)];
  const { rows, gone } = changedRows(before, now);
  expect(rows.map(({ port }) => port)).toEqual([2201, 2203]);
  expect(gone.map(({ port }) => port)).toEqual([2202]);
});

test('when only a drop or a latency changes, text output has no line', () => {
  const old = row(2200);
  const now = row(2200, { latencyMs: 9, lastDrop: { at: '2026-11-20T08:59:00.000Z', reason: 'x' } });
  expect(changedRows([old], [now]).rows).toHaveLength(1);
  expect(changedRows([old], [now], 'people').rows).toEqual([]);
  expect(changedRows([old], [row(2200, { word: 'slow, 2.0 s' })], 'people').rows).toHaveLength(1);
});

test('when another console saw a drop first, prints it with the next answer', () => {
  const lastDrop = { at: '2026-11-20T09:00:03.000Z', reason: 'closed' };
  const ahead = row(2200, { lastDrop });
  expect(changedRows([row(2200)], [ahead]).rows).toEqual([]);
  const seen = row(2200, { lastDrop, code: 'T-3001', observedAt: '2026-11-20T09:00:05.000Z' });
  expect(changedRows([ahead], [seen]).rows).toEqual([seen]);
});

test('the help explains each letter and each layer of the chain', () => {
  const states = ['ok', 'warn', 'fail', 'unknown'] as const;
  for (const letter of formatChainLetters(states.map((state) => ({ state }))))
    expect(chainHelp).toMatch(new RegExp(`\\b${letter}  \\w`));
  for (const layer of layerNames) expect(chainHelp).toContain(layer);
});
