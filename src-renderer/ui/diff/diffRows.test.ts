import { expect, test } from 'vitest';
import { createDiffRows, type DiffRow } from './diffRows.ts';

const lines = (count: number) => Array.from({ length: count }, (_, at) => `key${at}: ${at}\n`).join('');
const signed = (rows: readonly DiffRow[]) =>
  rows.map((row) => {
    if (row.kind === 'gap') return `… ${row.count}`;
    const [before, after] = [row.before?.text ?? '', row.after?.text ?? ''];
    return row.kind === 'same' ? `  ${before}` : `${before} | ${after}`;
  });

test('when a line changes, both sides are in one row, and long equal parts are cut', () => {
  const before = lines(9);
  expect(signed(createDiffRows(before, before.replace('key4: 4', 'key4: four'), true))).toEqual([
    '… 2',
    '  key2: 2',
    '  key3: 3',
    'key4: 4 | key4: four',
    '  key5: 5',
    '  key6: 6',
    '… 2',
  ]);
});

test('when the rows are not paired, removed lines stand above the added ones', () => {
  expect(signed(createDiffRows('a: 1\nb: 2\n', 'a: 3\nb: 4\n', false))).toEqual([
    'a: 1 | ',
    'b: 2 | ',
    ' | a: 3',
    ' | b: 4',
  ]);
});

test('when more lines are added than removed, the rest has no partner', () => {
  expect(signed(createDiffRows('a: 1\n', 'a: 3\nb: 4\n', true))).toEqual(['a: 1 | a: 3', ' | b: 4']);
});

test('when no line differs, there are no rows', () => {
  expect(createDiffRows(lines(3), lines(3), true)).toEqual([]);
});
