import { expect, test } from 'vitest';
import { maxHeadBytes, type LogBatch, type LogGap, type LogSource } from '../follow/logSource.ts';
import { createKeptLines } from './keptLines.ts';

function world() {
  const lines = createKeptLines({
    applianceId: 'kiln',
    onLines: () => undefined,
    onRowsRemoved: () => undefined,
    clock: () => 0,
  });
  return { ...lines, texts: () => lines.list().map(({ message }) => message) };
}

function aSource(values: Partial<LogSource> = {}): LogSource {
  const head = Buffer.alloc(maxHeadBytes, 'h').toString('base64');
  const position = { start: 0, end: null, offset: 0, anchor: '', order: 1, isComplete: false };
  return { id: 'one', device: '1', inode: '2', head, ...position, ...values };
}

function aBatch(source: LogSource, from: number, text: string): LogBatch {
  const bytes = Buffer.from(text);
  const to = from + bytes.length;
  const times = { receivedAt: 0, zoneOffsetMinutes: 0, skewMs: 0 };
  return { applianceId: 'kiln', source: { ...source, offset: to }, from, to, bytes, ...times };
}

const aGap = (id: string): LogGap => ({
  applianceId: 'kiln',
  id,
  sourceId: null,
  order: 1,
  fromByte: 0,
  toByte: null,
  reason: 'deleted',
  text: '',
  since: null,
  until: 0,
});

test('when a gap came before the old lines were read, it stands where it came, unless it is among them', () => {
  const { addHistory, texts } = world();
  addHistory(
    { rows: [], sources: [aSource({ offset: 4 })], gapIds: ['kept'] },
    [
      { kind: 'gap', gap: aGap('kept') },
      { kind: 'batch', batch: aBatch(aSource(), 0, 'old\nnew\n') },
      { kind: 'gap', gap: aGap('shown') },
      { kind: 'batch', batch: aBatch(aSource(), 8, 'last\n') },
    ],
    [],
  );
  expect(texts()).toEqual(['new', expect.stringContaining('Lines may be missing here'), 'last']);
});

test('when a file is read anew from its middle under another ID, its lines are shown once', () => {
  const { add, texts } = world();
  add(aBatch(aSource(), 0, 'a\nb\n'));
  add(aBatch(aSource({ id: 'rest', start: 2, order: 2 }), 2, 'b\nc\n'));
  add(aBatch(aSource({ id: 'other', inode: '3', order: 3 }), 0, 'd\n'));
  expect(texts()).toEqual(['a', 'b', 'c', 'd']);
});

test('when two short files have the same inode one after the other, both are shown', () => {
  const { add, texts } = world();
  add(aBatch(aSource({ head: 'YQo=' }), 0, 'a\nb\n'));
  add(aBatch(aSource({ id: 'next', head: 'YQo=', order: 2 }), 0, 'a\nc\n'));
  expect(texts()).toEqual(['a', 'b', 'a', 'c']);
});
