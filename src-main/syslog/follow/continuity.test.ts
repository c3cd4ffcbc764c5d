import { setImmediate as tick } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMemoryLogSink } from '../../../test-support/memoryLogSink.ts';
import { createSimulatedLog, type RotateMode } from '../../../test-support/simulatedLog.ts';
import { createLogFollower } from './follower.ts';

const ticks = async (count: number) => {
  for (let index = 0; index < count; index += 1) await tick();
};

/** A console that follows a simulated log whose lines are numbered. */
function startRig(options: { maxBytesBefore: number }) {
  const log = createSimulatedLog();
  const kept = createMemoryLogSink();
  let next = 0;
  let ids = 0;
  /** Numbers of lines that copytruncate dropped, unless they were read before. */
  const droppable = new Set<number>();
  const start = () =>
    createLogFollower({
      applianceId: 'kiln',
      log: log.remote,
      sink: kept.sink,
      onState: () => undefined,
      clock: () => 0,
      newId: () => `source-${(ids += 1)}`,
      maxBytesBefore: options.maxBytesBefore,
      wait: () => ticks(3),
    });
  let follower = start();

  function write(lines: number, length: number): void {
    for (let index = 0; index < lines; index += 1) {
      log.write(`L${`${next}`.padStart(6, '0')} ${'x'.repeat((next * 7919) % (length + 1))}\n`);
      next += 1;
    }
  }
  async function settle(): Promise<void> {
    log.mend();
    let before = '';
    for (let quiet = 0; quiet < 4;) {
      follower.wake();
      await ticks(60);
      const now = JSON.stringify([kept.batches(), kept.gaps().length, log.names()]);
      const isReading = follower.state().phase !== 'following' || follower.state().isFilling;
      quiet = now === before && !isReading ? quiet + 1 : 0;
      before = now;
    }
  }
  return {
    log,
    kept,
    write,
    settle,
    droppable,
    written: () => next,
    stop: () => follower.stop(),
    /** Ends the console as `kill -9` does, and starts it again. */
    restart: async () => {
      await follower.stop();
      follower = start();
    },
    rotate: (mode: RotateMode, lines: number, pause: number) =>
      log.rotate(mode, {
        // The follower waits longer than this for a copy to be cut.
        pause: mode.copytruncate ? Math.min(pause, 20) : pause,
        beforeCut: () => {
          for (let index = 0; index < lines; index += 1) droppable.add(next + index);
          write(lines, 40);
        },
        beforeReopen: () => write(lines, 40),
      }),
  };
}

const numberOf = (line: string) => Number(line.slice(1, 7));

/** What must be empty or in order if no line is lost or doubled. */
function examine(rig: ReturnType<typeof startRig>) {
  const rows = rig.kept.rows();
  const numbers = rows.flatMap((row) => (row === null ? [] : [numberOf(row)]));
  const kept = new Set(numbers);
  const onBox = [...rig.log.text().matchAll(/^L(\d{6}) .*\n/gmu)].map(([, digits]) => Number(digits));
  // Every line that is not kept is between two rows with a gap between them, or was dropped by copytruncate.
  const unexplained: number[] = [];
  let next = 0;
  let hasGap = false;
  for (const row of [...rows, 'end' as const]) {
    if (row === null) {
      hasGap = true;
      continue;
    }
    const number = row === 'end' ? rig.written() : numberOf(row);
    for (; next < number; next += 1) if (!hasGap && !rig.droppable.has(next)) unexplained.push(next);
    next = Math.max(next, number + 1);
    hasGap = false;
  }
  return { numbers, unread: onBox.filter((number) => !kept.has(number)), unexplained };
}

const modes: fc.Arbitrary<RotateMode> = fc.record({
  copytruncate: fc.boolean(),
  compress: fc.constantFrom('no', 'yes', 'delay'),
  dateext: fc.constant(false),
  keep: fc.integer({ min: 1, max: 4 }),
});
const actions = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('write'),
      lines: fc.nat(25),
      length: fc.constantFrom(5, 120, 900),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('rotate'),
      lines: fc.nat(4),
      pause: fc.constantFrom(1, 3, 20, 60),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cut') }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('mend') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('time'), seconds: fc.nat(200) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('ticks'), count: fc.nat(80) }) },
);

test(
  'keeps each line that can be had once and in order, and draws a gap for all others',
  { timeout: 120_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        modes,
        fc.boolean(),
        fc.array(actions, { minLength: 3, maxLength: 25 }),
        fc.constantFrom(1_000_000, 3000),
        async (mode, dateext, steps, maxBytesBefore) => {
          const rig = startRig({ maxBytesBefore });
          try {
            rig.write(3, 50);
            await rig.settle();
            for (const step of steps) {
              if (step.kind === 'write') rig.write(step.lines, step.length);
              else if (step.kind === 'rotate') await rig.rotate({ ...mode, dateext }, step.lines, step.pause);
              else if (step.kind === 'cut') rig.log.cut();
              else if (step.kind === 'mend') rig.log.mend();
              else if (step.kind === 'restart') await rig.restart();
              else if (step.kind === 'time') rig.log.passTime(step.seconds);
              else await ticks(step.count);
            }
            await rig.settle();
            const { numbers, unread, unexplained } = examine(rig);
            expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
            expect({ unread, unexplained }).toEqual({ unread: [], unexplained: [] });
          } finally {
            await rig.stop();
          }
        },
      ),
      { numRuns: 100 },
    );
  },
);
