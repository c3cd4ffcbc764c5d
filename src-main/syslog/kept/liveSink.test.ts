import { expect, test } from 'vitest';
import { AppError } from '../../../src-shared/errors.ts';
import { minuteMs } from '../../../src-shared/base/time.ts';
import { createMemoryLogSink } from '../../../test-support/memoryLogSink.ts';
import { SinkChanged, type LogBatch, type LogSource } from '../follow/logSource.ts';
import { createLiveSink } from './liveSink.ts';

const how = { isOlder: false };

function world() {
  const kept = createMemoryLogSink();
  const seen: string[] = [];
  const problems: (string | null)[] = [];
  const state: { failure: AppError | null; isElsewhere: boolean; now: number } = {
    failure: null,
    isElsewhere: false,
    now: 0,
  };
  const check = () => {
    if (state.failure !== null) throw state.failure;
  };
  const live = createLiveSink({
    store: {
      isElsewhere: () => Promise.resolve(state.isElsewhere),
      positions: kept.sink.positions,
      append: async (batch) => {
        check();
        return kept.sink.append(batch, how);
      },
      addGap: async (gap, source) => {
        check();
        return kept.sink.addGap(gap, source);
      },
      gaps: kept.sink.gaps,
      removeGaps: async (id, ids) => {
        check();
        return kept.sink.removeGaps(id, ids);
      },
    },
    onBatch: ({ bytes }) => seen.push(bytes.toString('latin1')),
    onGap: ({ id }) => seen.push(id),
    onGapsRemoved: (ids) => seen.push(`removed ${ids.join(' ')}`),
    onProblem: (problem) => problems.push(problem?.code ?? null),
    clock: () => state.now,
  });
  return { kept, seen, problems, state, ...live };
}

const start = {
  id: 'one',
  device: '1',
  inode: '2',
  head: '',
  start: 0,
  end: null,
  offset: 0,
  anchor: '',
  order: 1,
  isComplete: false,
} satisfies LogSource;

function batch(from: number, text: string, source: LogSource = start): LogBatch {
  const to = from + text.length;
  const bytes = Buffer.from(text);
  return {
    applianceId: 'kiln',
    source: { ...source, offset: to },
    from,
    to,
    bytes,
    receivedAt: 0,
    zoneOffsetMinutes: 0,
    skewMs: 0,
  };
}
const offsets = (sources: readonly LogSource[]) => sources.map(({ id, offset }) => [id, offset]);

test.each([
  ['the disk is full', 'LOG_STORE_FULL'],
  ['the store fails', 'STORE_FAILED'],
  ['the store is newer than this program', 'STORE_FROM_FUTURE'],
] as const)('when %s, passes lines on, and keeps all of them later', async (_when, code) => {
  const { sink, state, kept, seen, problems } = world();
  expect(await sink.positions('kiln')).toEqual([]);
  await sink.append(batch(0, 'a\n'), how);
  state.failure = new AppError(code, 'No.');
  await expect(sink.append(batch(2, 'b\n'), how)).rejects.toBeInstanceOf(SinkChanged);
  expect(sink.keeps()).toBe(false);
  expect(offsets(await sink.positions('kiln'))).toEqual([['one', 2]]);
  await sink.append(batch(2, 'b\n'), how);
  await sink.append(batch(0, 'x\n', { ...start, id: 'two', order: 2 }), how);
  expect(seen).toEqual(['a\n', 'b\n', 'x\n']);
  expect(kept.text()).toBe('a\n');
  expect(offsets(await sink.positions('kiln'))).toEqual([
    ['one', 4],
    ['two', 2],
  ]);

  state.failure = null;
  state.now = minuteMs;
  await expect(sink.append(batch(2, 'y\n', { ...start, id: 'two', order: 2 }), how)).rejects.toBeInstanceOf(
    SinkChanged,
  );
  // The source that the store does not have is the same one as before.
  expect(offsets(await sink.positions('kiln'))).toEqual([
    ['one', 2],
    ['two', 0],
  ]);
  await sink.append(batch(2, 'b\n'), how);
  await sink.append(batch(0, 'x\ny\n', { ...start, id: 'two', order: 2 }), how);
  expect(kept.text()).toBe('a\nb\nx\ny\n');
  expect(problems).toEqual([code, null]);
  expect(sink.keeps()).toBe(true);
});

test('when the disk stays full, is tried again ever less often', async () => {
  const { sink, state, problems } = world();
  state.failure = new AppError('LOG_STORE_FULL', 'No.');
  const delays: number[] = [];
  for (let round = 0; round < 6; round += 1) {
    await sink.positions('kiln');
    await expect(sink.append(batch(0, 'a\n'), how)).rejects.toBeInstanceOf(SinkChanged);
    const failedAt = state.now;
    for (;;) {
      state.now += minuteMs;
      const isDue = await sink.append(batch(0, 'a\n'), how).then(
        () => false,
        (thrown: unknown) => thrown instanceof SinkChanged,
      );
      if (isDue) break;
    }
    delays.push((state.now - failedAt) / minuteMs);
  }
  expect(delays).toEqual([1, 2, 4, 8, 16, 16]);
  expect(problems).toEqual(['LOG_STORE_FULL']);
});

test('when another program keeps the logs, goes on from its positions without keeping', async () => {
  const { sink, state, kept, seen, problem } = world();
  await kept.sink.append(batch(0, 'a\n'), how);
  state.isElsewhere = true;
  expect(offsets(await sink.positions('kiln'))).toEqual([['one', 2]]);
  await sink.append(batch(2, 'b\n'), how);
  expect(seen).toEqual(['b\n']);
  expect(kept.text()).toBe('a\n');
  expect(problem()).toMatchObject({ code: 'LOG_STORE_IN_USE' });
});

test('once the other program has ended, keeps what was only shown, without waiting for the next line', async () => {
  const { sink, state, kept, problems, mayRetry } = world();
  await kept.sink.append(batch(0, 'a\n'), how);
  state.isElsewhere = true;
  await sink.positions('kiln');
  await sink.append(batch(2, 'b\n'), how);
  expect(await mayRetry()).toBe(false);
  state.now = 60 * minuteMs;
  expect(await mayRetry()).toBe(false);
  await sink.append(batch(4, 'c\n'), how);

  state.isElsewhere = false;
  expect(await mayRetry()).toBe(true);
  expect(offsets(await sink.positions('kiln'))).toEqual([['one', 2]]);
  expect(await mayRetry()).toBe(false);
  await sink.append(batch(2, 'b\nc\n'), how);
  expect(kept.text()).toBe('a\nb\nc\n');
  expect(problems).toEqual(['LOG_STORE_IN_USE', null]);
});

test.each([
  ['with the same first bytes', 'QUJD', 'QUJD'],
  ['of which it saw more bytes', 'QUJD', 'QUJDREVG'],
  ['of which it saw fewer bytes', 'QUJDREVG', 'QUJD'],
])(
  'when the other program kept the same file under another ID, %s, reads nothing twice',
  async (_how, theirs, ours) => {
    const { sink, state, kept, mayRetry } = world();
    state.isElsewhere = true;
    expect(await sink.positions('kiln')).toEqual([]);
    await sink.append(batch(0, 'ABC\n', { ...start, id: 'ours', head: ours }), how);
    await sink.append(batch(0, 'new\n', { ...start, id: 'only', inode: '3', head: 'bmV3', order: 2 }), how);
    await kept.sink.append(
      batch(0, 'ABC\n', { ...start, id: 'theirs', head: theirs, isComplete: true }),
      how,
    );
    state.isElsewhere = false;
    expect(await mayRetry()).toBe(true);
    expect(offsets(await sink.positions('kiln'))).toEqual([
      ['theirs', 4],
      ['only', 0],
    ]);
  },
);

test('when the end of a file was read first, goes on from the stored position alone', async () => {
  const { sink, state, kept } = world();
  const log = { ...start, head: 'QUJD' };
  await kept.sink.append(batch(0, 'ABC\n', log), how);
  state.failure = new AppError('LOG_STORE_FULL', 'No.');
  await sink.positions('kiln');
  await expect(sink.append(batch(4, '', log), how)).rejects.toBeInstanceOf(SinkChanged);
  await sink.append(batch(4, '', { ...log, end: 100 }), how);
  await sink.append(batch(100, 'Z\n', { ...log, id: 'rest', start: 100, order: 2 }), how);
  state.failure = null;
  state.now = minuteMs;
  expect(await sink.positions('kiln')).toMatchObject([{ id: 'one', offset: 4, end: null }]);
});

test('asks the follower once to try again, also if that takes long', async () => {
  const { sink, state, mayRetry } = world();
  state.failure = new AppError('LOG_STORE_FULL', 'No.');
  await expect(sink.append(batch(0, 'a\n'), how)).rejects.toBeInstanceOf(SinkChanged);
  state.now = minuteMs;
  expect([await mayRetry(), await mayRetry()]).toEqual([true, false]);
  await sink.positions('kiln');
  await expect(sink.append(batch(0, 'a\n'), how)).rejects.toBeInstanceOf(SinkChanged);
  expect(await mayRetry()).toBe(false);
  state.now = 4 * minuteMs;
  expect(await mayRetry()).toBe(true);
});

test('when two readers find the disk full at once, it counts as one failure', async () => {
  const { sink, state, mayRetry } = world();
  state.failure = new AppError('LOG_STORE_FULL', 'No.');
  const both = [batch(0, 'a\n'), batch(0, 'b\n', { ...start, id: 'two' })];
  const ends = await Promise.allSettled(both.map((one) => sink.append(one, how)));
  expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  state.now = minuteMs;
  expect(await mayRetry()).toBe(true);
});

test('when the disk has room again, may be tried without a new line', async () => {
  const { sink, state, mayRetry } = world();
  state.failure = new AppError('LOG_STORE_FULL', 'No.');
  await expect(sink.append(batch(0, 'a\n'), how)).rejects.toBeInstanceOf(SinkChanged);
  expect(await mayRetry()).toBe(false);
  state.now = minuteMs;
  expect(await mayRetry()).toBe(true);
});

test('when a gap can’t be kept, it is added again', async () => {
  const { sink, state, kept, seen } = world();
  const gap = {
    applianceId: 'kiln',
    id: 'gap',
    sourceId: null,
    order: 0,
    fromByte: 0,
    toByte: null,
    reason: 'deleted' as const,
    text: '',
    since: null,
    until: 0,
  };
  state.failure = new AppError('LOG_STORE_FULL', 'No.');
  await expect(sink.addGap(gap, null)).rejects.toBeInstanceOf(SinkChanged);
  await sink.addGap(gap, null);
  expect(seen).toEqual(['gap']);
  expect(kept.gaps()).toEqual([]);
});

test('when a batch is wrong, fails with its error', async () => {
  const { sink, state } = world();
  state.failure = new AppError('LOG_POSITION', 'Wrong.');
  await expect(sink.append(batch(0, 'a\n'), how)).rejects.toMatchObject({ code: 'LOG_POSITION' });
  expect(sink.keeps()).toBe(true);
});
