import { randomUUID } from 'node:crypto';
import type { AppError } from '../../../src-shared/errors.ts';
import { secondMs } from '../../../src-shared/base/time.ts';
import { callEvery } from '../../../src-shared/node/callEvery.ts';
import { createEmitter } from '../../../src-shared/base/emitter.ts';
import type { FollowState } from '../follow/followState.ts';
import { createLogFollower } from '../follow/follower.ts';
import { readGap, logSourceSchema, type LogBatch, type LogGap } from '../follow/logSource.ts';
import { createRemoteLog } from '../follow/remoteLog.ts';
import type { LogEngine } from '../store/process/engine.ts';
import type { TailSource } from '../syslog.ts';
import { createLiveSink, type KeepingStore } from './liveSink.ts';

/** How often a log that is only shown looks whether it can be kept again **[ours]**. */
const retryEveryMs = secondMs;

type Followed = {
  follower: ReturnType<typeof createLogFollower>;
  sink: ReturnType<typeof createLiveSink>;
  users: number;
  receivedBytes: () => number;
  end: () => Promise<void>;
};

/** What happens while a log is kept. */
export type KeptEvent =
  /** Lines arrived. `isOlder`: newer ones were read before. */
  | { kind: 'batch'; batch: LogBatch; isOlder: boolean }
  | { kind: 'gap'; gap: LogGap }
  /** Gaps are over. */
  | { kind: 'gaps-removed'; ids: readonly string[] }
  | { kind: 'state'; state: FollowState }
  /** Why lines are only shown and not kept. Null: they are kept again. */
  | { kind: 'problem'; problem: AppError | null };

/** Where the follower's lines go: the log store. */
function createStore(
  engine: () => LogEngine,
  emit: { kept: (batch: LogBatch) => void; changed: (applianceId: string) => void },
): KeepingStore {
  return {
    isElsewhere: async () => (await engine().readState()) === 'elsewhere',
    positions: async (applianceId) =>
      (await engine().listSources({ applianceId })).map(({ facts }) => logSourceSchema.parse(facts)),
    append: async (batch) => {
      await engine().append(batch);
      emit.kept(batch);
      if (batch.bytes.length > 0) emit.changed(batch.applianceId);
    },
    addGap: async (gap, source) => {
      await engine().addGap({ gap, source });
      emit.changed(gap.applianceId);
    },
    gaps: async (applianceId) =>
      (await engine().listGaps({ applianceIds: [applianceId] })).map(({ gap }) => readGap(gap)),
    removeGaps: async (applianceId, ids) => {
      await engine().removeGaps({ applianceId, ids: [...ids] });
      emit.changed(applianceId);
    },
  };
}

/**
 * Reads the logs of appliances into the log store: each line once, also across rotations and restarts. The store's process
 * starts when it is first needed.
 */
export function createKeptLogs(options: {
  source: Pick<TailSource, 'hold' | 'startScript' | 'onLinkUp' | 'onRemoved'>;
  startEngine: () => LogEngine;
  onCloseFailed: (thrown: unknown) => void;
  clock: () => number;
}) {
  const { source, clock } = options;
  const followed = new Map<string, Followed>();
  const events = createEmitter<[applianceId: string, event: KeptEvent]>();
  const kept = createEmitter<[batch: LogBatch]>();
  const changed = createEmitter<[applianceId: string]>();
  let opened: LogEngine | null = null;
  const engine = (): LogEngine => (opened ??= options.startEngine());

  function open(applianceId: string): Followed {
    let bytes = 0;
    const release = source.hold([applianceId]);
    const emit = (event: KeptEvent) => events.emit(applianceId, event);
    const sink = createLiveSink({
      store: createStore(engine, { kept: kept.emit, changed: changed.emit }),
      onBatch: (batch, { isOlder }) => emit({ kind: 'batch', batch, isOlder }),
      onGap: (gap) => emit({ kind: 'gap', gap }),
      onGapsRemoved: (ids) => emit({ kind: 'gaps-removed', ids }),
      onProblem: (problem) => emit({ kind: 'problem', problem }),
      clock,
    });
    const follower = createLogFollower({
      applianceId,
      log: createRemoteLog({
        start: (words) => source.startScript(applianceId, words),
        mayRead: () => Promise.resolve(),
        onBytes: (count) => (bytes += count),
        clock,
      }),
      sink: sink.sink,
      onState: (state) => emit({ kind: 'state', state }),
      clock,
      newId: randomUUID,
    });
    const stopListening = source.onLinkUp(applianceId, follower.wake);
    const retry = async () => {
      // Otherwise it asks for positions by itself.
      if (follower.state().phase !== 'following') return;
      // A store that fails says so when the next line comes.
      if (await sink.mayRetry().catch(() => false)) follower.restart();
    };
    const stopTimer = callEvery({
      everyMs: retryEveryMs,
      work: () => void retry(),
      onError: options.onCloseFailed,
    });
    return {
      follower,
      sink,
      users: 0,
      receivedBytes: () => bytes,
      end: async () => {
        stopListening();
        stopTimer();
        release();
        await follower.stop();
      },
    };
  }

  async function end(applianceId: string): Promise<void> {
    const known = followed.get(applianceId);
    followed.delete(applianceId);
    await known?.end();
  }
  const stopRemoved = source.onRemoved((applianceId) => void end(applianceId));

  return {
    engine,
    /** Keeps a log until the returned function is called. */
    keep: (applianceId: string): (() => Promise<void>) => {
      const one = followed.get(applianceId) ?? open(applianceId);
      followed.set(applianceId, one);
      one.users += 1;
      return async () => {
        one.users -= 1;
        if (one.users === 0 && followed.get(applianceId) === one) await end(applianceId);
      };
    },
    /** What is done with the log now. Null if it is not kept. */
    stateOf: (applianceId: string): FollowState | null => followed.get(applianceId)?.follower.state() ?? null,
    /** Bytes that came from the appliance since its log is kept. */
    receivedBytes: (applianceId: string): number => followed.get(applianceId)?.receivedBytes() ?? 0,
    /** Why lines are only passed on and not kept. Null if they are kept. */
    problemOf: (applianceId: string): AppError | null => followed.get(applianceId)?.sink.problem() ?? null,
    onEvent: events.on,
    /** Called with the lines of each batch that was kept. */
    onKept: kept.on,
    /** Called when lines or gaps of an appliance were kept. */
    onChanged: changed.on,
    close: async (): Promise<void> => {
      stopRemoved();
      await Promise.all([...followed.keys()].map(end));
      // What the store could not keep is read from the appliance again.
      await opened?.close().catch(options.onCloseFailed);
    },
  };
}

export type KeptLogs = ReturnType<typeof createKeptLogs>;
