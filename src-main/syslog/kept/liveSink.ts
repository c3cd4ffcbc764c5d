import { growingDelayMs } from '../../../src-shared/base/backOff.ts';
import { minuteMs } from '../../../src-shared/base/time.ts';
import { AppError } from '../../../src-shared/errors.ts';
import {
  SinkChanged,
  type LogBatch,
  type LogGap,
  type LogSink,
  type LogSource,
} from '../follow/logSource.ts';
import { agree } from '../follow/matchFiles.ts';
import { storeInUse } from '../store/storeInUse.ts';

/** Time until the store is tried again. Doubled after each failure, because each try reads the lines since then again. */
const retryDelays = { firstMs: minuteMs, maxMs: 16 * minuteMs };
/** Why a store may keep nothing for a while. Other errors are faults of what it was given. */
const storeFailures: ReadonlySet<string> = new Set([
  'LOG_STORE_FULL',
  'LOG_STORE_IN_USE',
  'STORE_FAILED',
  'STORE_FROM_FUTURE',
]);

/** The store, as far as it is needed to keep the log of one appliance. */
export type KeepingStore = Omit<LogSink, 'keeps'> & {
  /** Whether another program has the right to write. */
  isElsewhere: () => Promise<boolean>;
};

type Mode =
  | { kind: 'keeping' }
  /** Lines are only passed on. `sources`: how far they were. */
  | {
      kind: 'passing';
      problem: AppError;
      sources: Map<string, LogSource>;
      retryAt: number;
      /** Whether the follower was told to ask for positions again. */
      isAsked: boolean;
    }
  /** What comes next goes to the store again, from the store's own positions. */
  | { kind: 'trying'; problem: AppError; sources: Map<string, LogSource> };

const isInUse = (problem: AppError): boolean => problem.code === 'LOG_STORE_IN_USE';

function asStoreFailure(thrown: unknown): AppError {
  if (thrown instanceof AppError && storeFailures.has(thrown.code)) return thrown;
  throw thrown;
}

const headOf = ({ head }: LogSource): Buffer => Buffer.from(head, 'base64');

/** Whether both are of the same file: another program, or another reading, gave it another ID. */
function isSameFile(one: LogSource, other: LogSource): boolean {
  return one.device === other.device && one.inode === other.inode && agree(headOf(one), headOf(other));
}

/** Adds the sources of files that the store does not have, as if nothing was read of them. Their IDs stay the same. */
function withPassedSources(
  stored: ReadonlyMap<string, LogSource>,
  passed: ReadonlyMap<string, LogSource>,
): LogSource[] {
  const known = [...stored.values()];
  const unknown = [...passed.values()]
    .filter((source) => !known.some((one) => one.id === source.id || isSameFile(one, source)))
    .map((source) => ({ ...source, offset: source.start, anchor: '', isComplete: false }));
  return [...stored.values(), ...unknown].sort((a, b) => a.order - b.order);
}

/**
 * Keeps lines in the store and passes them on. While the store can't keep them, they are only passed on, and what comes
 * later is read again from the store's own positions.
 */
export function createLiveSink(options: {
  store: KeepingStore;
  onBatch: (batch: LogBatch, how: { isOlder: boolean }) => void;
  onGap: (gap: LogGap) => void;
  onGapsRemoved: (ids: readonly string[]) => void;
  /** Why lines are not kept now. Null: they are kept again. */
  onProblem: (problem: AppError | null) => void;
  clock: () => number;
}) {
  const { store, clock } = options;
  let mode: Mode = { kind: 'keeping' };
  let failures = 0;
  /** The store's positions. */
  let stored = new Map<string, LogSource>();

  function startPassing(thrown: unknown): Map<string, LogSource> {
    const problem = asStoreFailure(thrown);
    // Two readers may find the same failure at once.
    if (mode.kind === 'passing' && mode.problem.code === problem.code && clock() < mode.retryAt)
      return mode.sources;
    const isNew = mode.kind === 'keeping' || mode.problem.code !== problem.code;
    const sources = mode.kind === 'keeping' ? new Map(stored) : mode.sources;
    mode = {
      kind: 'passing',
      problem,
      sources,
      // Who has the right to write is asked without reading lines again: `mayRetry`.
      retryAt: isInUse(problem) ? Infinity : clock() + growingDelayMs({ failures, ...retryDelays }),
      isAsked: false,
    };
    if (!isInUse(problem)) failures += 1;
    if (isNew) options.onProblem(problem);
    return sources;
  }

  /** Writes to the store. Throws `SinkChanged` if it can't keep anything now. */
  async function write(work: () => Promise<void>, source: LogSource | null): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      startPassing(thrown);
      throw new SinkChanged();
    }
    if (source !== null) stored.set(source.id, source);
    failures = 0;
    if (mode.kind === 'keeping') return;
    mode = { kind: 'keeping' };
    options.onProblem(null);
  }

  const sink: LogSink = {
    positions: async (applianceId) => {
      if (mode.kind === 'passing' && clock() < mode.retryAt) return [...mode.sources.values()];
      try {
        const known = await store.positions(applianceId);
        stored = new Map(known.map((source) => [source.id, source]));
        if (await store.isElsewhere()) throw storeInUse();
      } catch (thrown) {
        return [...startPassing(thrown).values()];
      }
      if (mode.kind === 'keeping') return [...stored.values()];
      const { problem, sources } = mode;
      mode = { kind: 'trying', problem, sources };
      return withPassedSources(stored, sources);
    },
    keeps: () => mode.kind !== 'passing',
    append: async (batch, how) => {
      if (mode.kind !== 'passing') await write(() => store.append(batch, how), batch.source);
      else if (clock() >= mode.retryAt) throw new SinkChanged();
      else mode.sources.set(batch.source.id, batch.source);
      options.onBatch(batch, how);
    },
    addGap: async (gap, source) => {
      if (mode.kind !== 'passing') await write(() => store.addGap(gap, source), source);
      else if (source !== null) mode.sources.set(source.id, source);
      options.onGap(gap);
    },
    // While lines are only shown, no gap is kept.
    gaps: async (applianceId) => (mode.kind === 'passing' ? [] : store.gaps(applianceId)),
    removeGaps: async (applianceId, ids) => {
      await write(() => store.removeGaps(applianceId, ids), null);
      options.onGapsRemoved(ids);
    },
  };
  /** Whether the follower is to ask for positions again, because the store may keep lines now. True once. */
  async function mayRetry(): Promise<boolean> {
    if (mode.kind !== 'passing' || mode.isAsked) return false;
    const { problem, retryAt } = mode;
    if (clock() < retryAt && !(isInUse(problem) && !(await store.isElsewhere()))) return false;
    if (mode.problem !== problem) return false;
    mode = { ...mode, retryAt: clock(), isAsked: true };
    return true;
  }
  return { sink, mayRetry, problem: (): AppError | null => (mode.kind === 'keeping' ? null : mode.problem) };
}
