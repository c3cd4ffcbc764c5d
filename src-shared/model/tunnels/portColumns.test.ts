import { expect, test } from 'vitest';
import { aPortRow } from '../../../test-support/aPortRow.ts';
import { portsCsv } from './portColumns.ts';
import { isSamePortRow, portRowSchema } from './portRow.ts';

test('when rows are exported as CSV, cells are quoted and contain no formulas', () => {
  const text = portsCsv([
    aPortRow({ repository: '=HYPERLINK("http://x")', latencyMs: 12 }),
    aPortRow({
      port: null,
      destination: null,
      lastDrop: { at: '2026-11-20T07:00:00.000Z', reason: 'timed out, "twice"' },
    }),
  ]);
  const [header, first, second, ...more] = text.split('\r\n');
  expect(more).toEqual([]);
  expect(first).toContain(`"'=HYPERLINK(""http://x"")"`);
  expect(second).toContain('"2026-11-20T07:00:00.000Z","timed out, ""twice"""');
  expect(new Set([header, first].map((line) => line?.split(',').length))).toHaveProperty('size', 1);
});

test('when rows are exported, the names and order of the columns never change', () => {
  expect(portsCsv([])).toBe(
    'appliance,tenant,port,group,repository,destination,code,state,tone,chain,peer,connect_version,since,last_seen,' +
      'last_drop,last_drop_reason,probed,latency_ms,cluster,suspended,observed',
  );
});

test.each(portRowSchema.keyof().options)('when only %s differs, two rows are different', (key) => {
  const row = aPortRow({
    lastDrop: { at: '2026-11-20T07:00:00.000Z', reason: 'closed' },
    probedAt: '2026-11-20T08:59:00.000Z',
    latencyMs: 12,
    cluster: 'north',
  });
  expect(isSamePortRow(row, structuredClone(row))).toBe(true);
  expect(isSamePortRow(row, { ...structuredClone(row), [key]: 'other' })).toBe(false);
  expect(isSamePortRow({ ...structuredClone(row), [key]: null }, row)).toBe(false);
});

test('when only the reason of the last drop differs, two rows are different', () => {
  const at = '2026-11-20T07:00:00.000Z';
  const rows = ['closed', 'timed out'].map((reason) => aPortRow({ lastDrop: { at, reason } }));
  expect(isSamePortRow(aPortRow(rows[0]), aPortRow(rows[1]))).toBe(false);
});
