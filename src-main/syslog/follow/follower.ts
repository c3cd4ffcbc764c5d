import { setTimeout as delay } from 'node:timers/promises';
import { growingDelayMs } from '../../../src-shared/base/backOff.ts';
import { secondMs } from '../../../src-shared/base/time.ts';
import { AppError } from '../../../src-shared/errors.ts';
import { followAndFill, readAll, surveyAndPlan } from './followRound.ts';
import { createFollowState, type FollowState } from './followState.ts';
import { createKeeper } from './keeper.ts';
import { SinkChanged, type LogSink } from './logSource.ts';
import { excludedKey } from './plan.ts';
import type { RemoteLog } from './remoteLog.ts';
import { isScriptRefused } from './scriptErrors.ts';

/** The delay before a restart. Doubled after each failure, because each refused sudo adds a line to a log. */
const restartDelays = { firstMs: 3 * secondMs, maxMs: 60 * secondMs };
/** The delay before a new survey if the last one led to nothing. */
const surveyDelays = { firstMs: 200, maxMs: 10 * secondMs };
const maxSurveyFailures = 5;
const missingDelayMs = 2 * secondMs;
/** About 60,000 lines: what is read before following delays the newest lines **[ours]**. */
const defaultBytesBefore = 8 * 1024 * 1024;

const isLinkError = (thrown: unknown): boolean =>
  thrown instanceof AppError && (thrown.code === 'LINK_LOST' || thrown.code === 'LINK_NOT_READY');

/**
 *   waiting ──(link up)──► surveying ──► catching-up ──► following
 *      ▲                       ▲              │              │
 *      │                       └── files changed ────────────┤
 *      └──────────────── link lost, error ───────────────────┘
 *
 * Reads the log of one appliance into `sink`: each line once, from where the sink ends, also across rotations.
 */
export function createLogFollower(options: {
  applianceId: string;
  log: RemoteLog;
  sink: LogSink;
  onState: (state: FollowState) => void;
  clock: () => number;
  newId: () => string;
  maxBytesBefore?: number;
  /** Resolves after a time, or rejects when `signal` aborts. */
  wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}) {
  const { applianceId, log, sink, clock } = options;
  const wait = options.wait ?? ((ms, signal) => delay(ms, undefined, { signal }));
  const stopping = new AbortController();
  const { signal } = stopping;
  const state = createFollowState({ onState: options.onState, clock });
  const excluded = new Set<string>();
  let wake = Promise.withResolvers<void>();
  let progress = 0;
  let round = new AbortController();

  async function runRound(): Promise<void> {
    round = new AbortController();
    const ending = AbortSignal.any([signal, round.signal]);
    state.set({ phase: 'surveying' });
    const { plan, survey, known } = await surveyAndPlan({
      log,
      known: () => sink.positions(applianceId),
      keptGaps: () => sink.gaps(applianceId),
      signal: ending,
      maxBytesBefore: options.maxBytesBefore ?? defaultBytesBefore,
      excluded,
      newId: options.newId,
      wait: (attempt) =>
        wait(growingDelayMs({ failures: Math.min(attempt, maxSurveyFailures), ...surveyDelays }), ending),
    });
    const keeper = createKeeper({
      applianceId,
      sink,
      survey,
      known,
      lastReadAt: state.lastReadAt,
      onRead: () => {
        progress += 1;
        state.noteRead();
      },
      clock,
    });
    const contextFor = (call: { signal: AbortSignal; isOlder: boolean }) =>
      keeper.createContext({
        ...call,
        log,
        exclude: ({ source, file }) => excluded.add(excludedKey(source, file)),
      });
    state.set({ isRefused: false });
    await keeper.keepPlan(plan);
    state.noteLog(survey.bad.find(({ name }) => name === '') ?? null);
    state.set({ phase: 'catching-up' });
    if (!(await readAll(contextFor({ signal: ending, isOlder: false }), plan.before))) return;
    const { fill } = plan;
    await followAndFill({
      plan: { ...plan, fill: sink.keeps() ? fill : [] },
      stamp: survey.stamp,
      contextFor,
      signal: ending,
      state,
    });
    if (plan.log === null) await wait(missingDelayMs, ending);
  }

  /** Waits after an error, but not longer than until the link is up. */
  async function waitAfter(thrown: unknown, failures: number): Promise<void> {
    state.set({
      phase: 'waiting',
      isFilling: false,
      isRefused: isScriptRefused(thrown),
      trouble: isLinkError(thrown) ? null : thrown instanceof Error ? thrown.message : 'unknown reason',
    });
    wake = Promise.withResolvers();
    const pause = new AbortController();
    const waiting = wait(growingDelayMs({ failures, ...restartDelays }), pause.signal).catch(() => undefined);
    await Promise.race([wake.promise, waiting]);
    pause.abort();
  }

  async function run(): Promise<void> {
    let failures = 0;
    let idleRounds = 0;
    while (!signal.aborted) {
      const before = progress;
      try {
        await runRound();
        failures = 0;
        idleRounds = progress === before ? idleRounds + 1 : 0;
        if (progress !== before) excluded.clear();
        if (idleRounds > 1) await wait(growingDelayMs({ failures: idleRounds - 2, ...surveyDelays }), signal);
      } catch (thrown) {
        if (signal.aborted) return;
        if (thrown instanceof SinkChanged || round.signal.aborted) continue;
        if (progress !== before) failures = 0;
        await waitAfter(thrown, failures);
        failures += 1;
      }
    }
  }
  const running = run();

  return {
    state: state.current,
    /** Call this when the link is up. */
    wake: () => wake.resolve(),
    /** Asks the sink for its positions again, and goes on from there. */
    restart: () => {
      round.abort(new AppError('CANCELLED', 'The sink is asked again.'));
      wake.resolve();
    },
    stop: async (): Promise<void> => {
      stopping.abort(new AppError('CANCELLED', 'The log is no longer followed.'));
      wake.resolve();
      await running;
    },
  };
}
