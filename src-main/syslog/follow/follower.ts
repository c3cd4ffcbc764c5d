import { setTimeout as delay } from 'node:timers/promises';
import { growingDelayMs } from '../../../src-shared/base/backOff.ts';
import { secondMs } from '../../../src-shared/base/time.ts';
import { AppError } from '../../../src-shared/errors.ts';
import { followLog, readAll, surveyAndPlan } from './followRound.ts';
import type { LogBatch, LogSink, LogSource } from './logSource.ts';
import { excludedKey, type Plan } from './plan.ts';
import type { ReadContext } from './readFile.ts';
import type { RemoteLog } from './remoteLog.ts';
import type { Piece } from './sourceReader.ts';
import type { Survey } from './survey.ts';

/** The delay before a restart. Doubled after each failure, because each refused sudo adds a line to a log. */
const restartDelays = { firstMs: 3 * secondMs, maxMs: 60 * secondMs };
/** The delay before a new survey if the last one led to nothing. */
const surveyDelays = { firstMs: 200, maxMs: 10 * secondMs };
/** During a rotation, the log is missing for a moment. */
const graceMs = 5 * secondMs;
const missingDelayMs = 2 * secondMs;
/** About 60,000 lines: what is read before following delays the newest lines **[ours]**. */
export const defaultBytesBefore = 8 * 1024 * 1024;

export type FollowPhase = 'waiting' | 'surveying' | 'catching-up' | 'following';
export type FollowState = {
  phase: FollowPhase;
  /** Whether older lines are read at the same time. */
  isFilling: boolean;
  /** Why the log can't be read now, as a sentence. Null if it can, or while the link is down. */
  trouble: string | null;
};

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
  let state: FollowState = { phase: 'waiting', isFilling: false, trouble: null };
  let wake = Promise.withResolvers<void>();
  let excluded = new Set<string>();
  let progress = 0;
  let lastReadAt: number | null = null;
  let missingSince: number | null = null;

  function setState(change: Partial<FollowState>): void {
    const next = { ...state, ...change };
    if (
      Object.entries(next).every(([key, value]) =>
        Object.entries(state).some(([k, v]) => k === key && v === value),
      )
    )
      return;
    state = next;
    options.onState(next);
  }

  /** Keeps what one round reads. */
  function createKeeper(survey: Survey, known: readonly LogSource[]) {
    const sources = new Map(known.map((source) => [source.id, source]));
    const facts = {
      zoneOffsetMinutes: survey.zoneOffsetMinutes,
      skewMs: survey.clock * secondMs + secondMs / 2 - clock(),
    };
    const append = async (piece: Omit<LogBatch, 'applianceId' | 'receivedAt' | keyof typeof facts>) => {
      await sink.append({ applianceId, receivedAt: clock(), ...facts, ...piece });
      sources.set(piece.source.id, piece.source);
      if (piece.bytes.length === 0) return;
      progress += 1;
      lastReadAt = clock();
    };
    const addGap = async (gap: Plan['gaps'][number]) => {
      const times = { since: lastReadAt, until: clock() };
      await sink.addGap({ applianceId, ...times, ...gap.gap }, gap.source);
      if (gap.source !== null) sources.set(gap.source.id, gap.source);
    };
    return { append, addGap, current: (source: LogSource) => sources.get(source.id) ?? source, facts };
  }

  function createContext(keeper: ReturnType<typeof createKeeper>, signal: AbortSignal): ReadContext {
    return {
      log,
      signal,
      current: keeper.current,
      keep: async (piece: Piece) => {
        const { source } = piece;
        if (piece.bytes.length > 0 || source.isComplete) await keeper.append(piece);
      },
      exclude: ({ source, file }) => excluded.add(excludedKey(source, file)),
      addCorruptGap: (source) =>
        keeper.addGap({
          gap: {
            id: `${source.id}:corrupt`,
            sourceId: source.id,
            order: source.order,
            fromByte: source.offset,
            toByte: source.end,
            reason: 'corrupt',
            text: '',
          },
          source: null,
        }),
    };
  }

  function noteMissing(why: string | null): void {
    if (why === null) {
      missingSince = null;
      return setState({ trouble: null });
    }
    missingSince ??= clock();
    // A log that was never read is not being rotated.
    if (lastReadAt === null || clock() - missingSince >= graceMs)
      setState({ trouble: `The log can’t be read: ${why}` });
  }

  /** Follows while older files are read, until the files change. */
  async function followAndFill(
    plan: Plan,
    stamp: string,
    keeper: ReturnType<typeof createKeeper>,
  ): Promise<void> {
    const ending = new AbortController();
    const signal = AbortSignal.any([stopping.signal, ending.signal]);
    const context = createContext(keeper, signal);
    const end = () => ending.abort(new AppError('CANCELLED', 'The files of the log have changed.'));
    setState({ isFilling: plan.fill.length > 0 });
    const filling = readAll(context, plan.fill).then((isDone) => {
      setState({ isFilling: false });
      // What was written meanwhile to a file that is not final needs a new plan.
      if (!isDone || plan.fill.some(({ isFinal, source }) => !isFinal && source.end === null)) end();
    });
    const following =
      plan.log === null
        ? filling
        : followLog(context, { log: plan.log, previous: plan.previous, stamp }, (event) => {
            setState({ phase: 'following' });
            noteMissing(event.isMissing ? 'it does not exist' : null);
          });
    const results = await Promise.allSettled([
      following.finally(end),
      filling.catch((thrown: unknown) => {
        end();
        throw thrown;
      }),
    ]);
    for (const result of results)
      if (result.status === 'rejected' && result.reason !== ending.signal.reason) throw result.reason;
    setState({ isFilling: false });
  }

  async function runRound(): Promise<void> {
    setState({ phase: 'surveying' });
    const { plan, survey, known } = await surveyAndPlan({
      log,
      known: () => sink.positions(applianceId),
      signal: stopping.signal,
      maxBytesBefore: options.maxBytesBefore ?? defaultBytesBefore,
      excluded,
      newId: options.newId,
      wait: (attempt) =>
        wait(growingDelayMs({ failures: Math.min(attempt, 5), ...surveyDelays }), stopping.signal),
    });
    const keeper = createKeeper(survey, known);
    for (const source of plan.changed)
      await keeper.append({ source, from: source.offset, to: source.offset, bytes: Buffer.alloc(0) });
    for (const gap of plan.gaps) await keeper.addGap(gap);
    const problem = survey.bad.find(({ name }) => name === '');
    if (problem !== undefined && problem.problem !== 'missing')
      setState({ trouble: `The log can’t be read: ${problem.text}` });
    else noteMissing(problem?.text ?? null);
    setState({ phase: 'catching-up' });
    if (!(await readAll(createContext(keeper, stopping.signal), plan.before))) return;
    await followAndFill(plan, survey.stamp, keeper);
    if (plan.log === null) await wait(missingDelayMs, stopping.signal);
  }

  async function run(): Promise<void> {
    let failures = 0;
    let idleRounds = 0;
    while (!stopping.signal.aborted) {
      const before = progress;
      try {
        await runRound();
        failures = 0;
        idleRounds = progress === before ? idleRounds + 1 : 0;
        if (progress !== before) excluded = new Set();
        if (idleRounds > 1)
          await wait(growingDelayMs({ failures: idleRounds - 2, ...surveyDelays }), stopping.signal);
      } catch (thrown) {
        if (stopping.signal.aborted) return;
        setState({
          phase: 'waiting',
          isFilling: false,
          trouble: isLinkError(thrown) ? null : thrown instanceof Error ? thrown.message : 'unknown reason',
        });
        if (progress !== before) failures = 0;
        wake = Promise.withResolvers();
        const pause = new AbortController();
        await Promise.race([
          wake.promise,
          wait(growingDelayMs({ failures, ...restartDelays }), pause.signal).catch(() => undefined),
        ]);
        pause.abort();
        failures += 1;
      }
    }
  }

  const running = run().catch((thrown: unknown) => {
    // Only a stop ends a delay.
    if (!stopping.signal.aborted) throw thrown;
  });

  return {
    state: () => state,
    /** Call this when the link is up. */
    wake: () => wake.resolve(),
    stop: async (): Promise<void> => {
      stopping.abort(new AppError('CANCELLED', 'The log is no longer followed.'));
      wake.resolve();
      await running;
    },
  };
}

export type LogFollower = ReturnType<typeof createLogFollower>;
