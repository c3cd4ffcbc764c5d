import { expect, test } from 'vitest';
import type { KeptGap } from '../../../../src-shared/model/syslog/keptLine.ts';
import { buildRows } from './keptRows.ts';
import { showLine } from './shownLine.ts';
import { keptLine } from '../../../../test-support/renderer/keptLines.ts';

const usual = {
  gaps: [],
  lastLooked: null,
  hasOlder: false,
  hasNewer: false,
  isFolding: false,
  openFolds: new Set<string>(),
  contextOf: null,
};
const lines = (...messages: string[]) => messages.map((message, at) => showLine(keptLine(at, message)));
const describeRows = (rows: ReturnType<typeof buildRows>) =>
  rows.map((row) =>
    row.kind === 'line'
      ? row.shown.line.message
      : row.kind === 'fold'
        ? `${row.count} × ${row.pattern}`
        : row.kind,
  );

function gapBefore(line: number): KeptGap {
  const { key, applianceId } = keptLine(line, '');
  return {
    id: `gap ${line}`,
    key: { ...key, line: line - 0.5 },
    applianceId,
    reason: 'deleted',
    text: '',
    file: null,
    fromByte: 0,
    toByte: null,
    since: null,
    until: key.sort,
  };
}

test('when lines are missing, the gap is a row between the lines around it', () => {
  const rows = buildRows({ ...usual, lines: lines('a', 'b', 'c'), gaps: [gapBefore(2)] });
  expect(describeRows(rows)).toEqual(['a', 'b', 'gap', 'c']);
});

test('when a gap is before or behind all lines, it is shown unless more lines are to be loaded there', () => {
  const gaps = [gapBefore(0), gapBefore(9)];
  expect(describeRows(buildRows({ ...usual, lines: lines('a'), gaps }))).toEqual(['gap', 'a', 'gap']);
  expect(
    describeRows(buildRows({ ...usual, lines: lines('a'), gaps, hasOlder: true, hasNewer: true })),
  ).toEqual(['a']);
});

test('when repeats are folded, a run is one row that opens, and no run crosses a gap', () => {
  const repeated = lines('took 1 ms', 'took 2 ms', 'took 3 ms', 'took 4 ms', 'done');
  const folding = { ...usual, lines: repeated, isFolding: true };
  expect(describeRows(buildRows(folding))).toEqual(['4 × took ‹n› ms', 'done']);
  const id = `fold ${repeated[0]?.id}`;
  expect(describeRows(buildRows({ ...folding, openFolds: new Set([id]) }))).toEqual([
    '4 × took ‹n› ms',
    'took 1 ms',
    'took 2 ms',
    'took 3 ms',
    'took 4 ms',
    'done',
  ]);
  expect(describeRows(buildRows({ ...folding, gaps: [gapBefore(3)] }))).toEqual([
    '3 × took ‹n› ms',
    'gap',
    'took 4 ms',
    'done',
  ]);
});

const looked = (at: number) =>
  describeRows(buildRows({ ...usual, lines: lines('a', 'b', 'c'), lastLooked: keptLine(at, '').key }));

test('when there are lines since the last look, the mark is before them; when there are none, there is no mark', () => {
  expect(looked(1)).toEqual(['a', 'b', 'looked', 'c']);
  expect(looked(2)).toEqual(['a', 'b', 'c']);
});

test('when the context of a line is open, it follows the line', () => {
  const shown = lines('a', 'b');
  expect(describeRows(buildRows({ ...usual, lines: shown, contextOf: shown[0]?.id ?? '' }))).toEqual([
    'a',
    'context',
    'b',
  ]);
});

test.each([false, true])(
  'when clocks may be off, with folding %s, only lines that are surely later follow',
  (isFolding) => {
    const kept = [0, 1, 2, 4].map((at, index) => ({
      ...keptLine(at, `line ${'abcd'[index] ?? ''}`),
      applianceId: index < 2 ? 'one' : 'two',
      skewErrorMs: 600,
    }));
    const isOrdered = (lines: typeof kept) =>
      buildRows({ ...usual, isFolding, lines: lines.map(showLine) }).map(
        (row) => row.kind === 'line' && row.isOrdered,
      );
    expect(isOrdered(kept)).toEqual([true, true, false, true]);
    expect(isOrdered(kept.map((line) => ({ ...line, skewErrorMs: 400 })))).toEqual([true, true, true, true]);
  },
);
