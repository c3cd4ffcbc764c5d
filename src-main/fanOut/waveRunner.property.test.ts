import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planWaves } from '../../src-shared/model/fanOut/runOrder.ts';
import { runWaves, type ApplianceOutcome } from './waveRunner.ts';

type AnyRun = {
  fleet: { isProduction: boolean; outcome: ApplianceOutcome }[];
  wave: number;
  canary: number | null;
  stopAfter: number | null;
};

const anyRun: fc.Arbitrary<AnyRun> = fc.record({
  fleet: fc.array(
    fc.record({
      isProduction: fc.boolean(),
      outcome: fc.constantFrom<ApplianceOutcome>('passed', 'passed', 'passed', 'failed', 'skipped'),
    }),
    { minLength: 1, maxLength: 24 },
  ),
  wave: fc.integer({ min: 1, max: 8 }),
  canary: fc.option(fc.nat(), { nil: null }),
  stopAfter: fc.option(fc.integer({ min: 1, max: 5 }), { nil: null }),
});

/** What was going on when an appliance was started. */
type Start = { id: string; running: string[]; ended: { id: string; outcome: ApplianceOutcome }[] };

/** Runs the waves with appliances that end in any order. */
async function runAnyhow(scheduler: fc.Scheduler, { fleet, wave, canary, stopAfter }: AnyRun) {
  const appliances = fleet.map((one, at) => ({ ...one, id: `a${at}` }));
  const canaryId = canary === null ? null : `a${canary % appliances.length}`;
  const starts: Start[] = [];
  const running = new Set<string>();
  const ended: Start['ended'] = [];
  const cause = await scheduler.waitFor(
    runWaves({
      waves: planWaves(appliances, { canaryId, wave }),
      stopAfter,
      signal: new AbortController().signal,
      runOne: async (id) => {
        starts.push({ id, running: [...running], ended: [...ended] });
        running.add(id);
        await scheduler.schedule(Promise.resolve(), id);
        running.delete(id);
        const outcome = appliances.find((one) => one.id === id)?.outcome ?? 'failed';
        ended.push({ id, outcome });
        return outcome;
      },
    }),
  );
  return { appliances, canaryId, starts, ended, cause };
}

const failuresIn = (ended: Start['ended']) => ended.filter(({ outcome }) => outcome === 'failed').length;

test('when appliances end in any order, never more than a wave runs at once, and each runs at most once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), anyRun, async (scheduler, run) => {
      const { starts, ended } = await runAnyhow(scheduler, run);
      expect(Math.max(...starts.map(({ running }) => running.length))).toBeLessThan(run.wave);
      expect(new Set(starts.map(({ id }) => id)).size).toBe(starts.length);
      expect(ended).toHaveLength(starts.length);
    }),
  );
});

test('when there is a canary, it runs first and alone, and nothing starts unless it passed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), anyRun, fc.nat(), async (scheduler, run, canary) => {
      const { starts, canaryId, appliances, cause } = await runAnyhow(scheduler, { ...run, canary });
      expect(starts[0]).toEqual({ id: canaryId, running: [], ended: [] });
      const passed = { id: canaryId, outcome: 'passed' };
      expect(starts.slice(1).map(({ ended }) => ended[0])).toEqual(starts.slice(1).map(() => passed));
      const outcome = appliances.find(({ id }) => id === canaryId)?.outcome;
      const isStopped = outcome !== 'passed' && appliances.length > 1;
      expect(cause === 'canary' && starts.length === 1).toBe(isStopped);
    }),
  );
});

test('when enough have failed, nothing new starts, and what ran already ends', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), anyRun, async (scheduler, run) => {
      const { starts, ended, cause, appliances } = await runAnyhow(scheduler, run);
      const limit = run.stopAfter ?? Infinity;
      expect(Math.max(0, ...starts.map((start) => failuresIn(start.ended)))).toBeLessThan(limit);
      expect(cause !== 'failures' || failuresIn(ended) >= limit).toBe(true);
      expect(starts.length === appliances.length).toBe(cause === null);
      expect(ended).toHaveLength(starts.length);
    }),
  );
});

test('when production is among them, it starts after all others', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), anyRun, async (scheduler, run) => {
      const { starts, appliances, canaryId } = await runAnyhow(scheduler, run);
      const kinds = starts
        .filter(({ id }) => id !== canaryId)
        .map(({ id }) => appliances.find((one) => one.id === id)?.isProduction === true);
      expect(kinds).toEqual(kinds.toSorted((a, b) => Number(a) - Number(b)));
    }),
  );
});

test('when the operator stops it, what runs ends and no later wave starts', async () => {
  const stop = new AbortController();
  const started: string[] = [];
  const ended: string[] = [];
  const cause = await runWaves({
    waves: planWaves(
      ['a', 'b', 'c'].map((id) => ({ id, isProduction: false })),
      { canaryId: null, wave: 2 },
    ),
    stopAfter: null,
    signal: stop.signal,
    runOne: async (id) => {
      started.push(id);
      stop.abort();
      await Promise.resolve();
      ended.push(id);
      return 'passed';
    },
  });
  expect({ cause, started, ended }).toEqual({ cause: 'operator', started: ['a', 'b'], ended: ['a', 'b'] });
});
