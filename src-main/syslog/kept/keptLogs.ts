import { randomUUID } from 'node:crypto';
import { AppError } from '../../../src-shared/errors.ts';
import { createEmitter } from '../../../src-shared/base/emitter.ts';
import { syslogPath, type ApplianceStatus } from '../../../src-shared/model/appliance/applianceStatus.ts';
import type { Links } from '../../links/links.ts';
import type { FollowState } from '../follow/followState.ts';
import { createLogFollower } from '../follow/follower.ts';
import { logSourceSchema, type LogBatch, type LogSink } from '../follow/logSource.ts';
import { createRemoteLog } from '../follow/remoteLog.ts';
import type { LogEngine } from '../store/process/engine.ts';
import { storeInUse } from '../store/storeInUse.ts';

type Followed = {
  follower: ReturnType<typeof createLogFollower>;
  users: number;
  receivedBytes: () => number;
  end: () => Promise<void>;
};

/** Where the follower's lines go: the log store. */
function createSink(
  engine: () => LogEngine,
  emit: { kept: (batch: LogBatch) => void; changed: (applianceId: string) => void },
): LogSink {
  return {
    positions: async (applianceId) => {
      // Without the right to write, reading the log would only cost traffic.
      if ((await engine().readState()) === 'elsewhere') throw storeInUse();
      return (await engine().listSources({ applianceId })).map(({ facts }) => logSourceSchema.parse(facts));
    },
    append: async (batch) => {
      await engine().append(batch);
      emit.kept(batch);
      if (batch.bytes.length > 0) emit.changed(batch.applianceId);
    },
    addGap: async (gap, source) => {
      await engine().addGap({ gap, source });
      emit.changed(gap.applianceId);
    },
  };
}

/**
 * Reads the logs of appliances into the log store: each line once, also across rotations and restarts. The store's process
 * starts when it is first needed.
 */
export function createKeptLogs(options: {
  links: Pick<Links, 'of' | 'hold' | 'state' | 'onChange' | 'onRemoved'>;
  /** Null if the appliance has not returned its status yet. */
  knownStatus: (applianceId: string) => ApplianceStatus | null;
  startEngine: () => LogEngine;
  onCloseFailed: (thrown: unknown) => void;
  clock: () => number;
}) {
  const { links, clock } = options;
  const followed = new Map<string, Followed>();
  const states = createEmitter<[applianceId: string, state: FollowState]>();
  const kept = createEmitter<[batch: LogBatch]>();
  const changed = createEmitter<[applianceId: string]>();
  let opened: LogEngine | null = null;
  const engine = (): LogEngine => (opened ??= options.startEngine());

  async function startScript(applianceId: string, words: readonly string[]) {
    if (links.state(applianceId).state !== 'connected')
      throw new AppError('LINK_NOT_READY', 'The appliance is not connected.');
    const { driver } = links.of(applianceId);
    const status = options.knownStatus(applianceId) ?? (await driver.status().catch(() => null));
    return driver.syslogFiles({ path: syslogPath(status), words });
  }

  function open(applianceId: string): Followed {
    let bytes = 0;
    const release = links.hold([applianceId]);
    const follower = createLogFollower({
      applianceId,
      log: createRemoteLog({
        start: (words) => startScript(applianceId, words),
        mayRead: () => Promise.resolve(),
        onBytes: (count) => (bytes += count),
      }),
      sink: createSink(engine, { kept: kept.emit, changed: changed.emit }),
      onState: (state) => states.emit(applianceId, state),
      clock,
      newId: randomUUID,
    });
    const stopListening = links.onChange((id, state) => {
      if (id === applianceId && state.state === 'connected') follower.wake();
    });
    return {
      follower,
      users: 0,
      receivedBytes: () => bytes,
      end: async () => {
        stopListening();
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
  const stopRemoved = links.onRemoved((applianceId) => void end(applianceId));

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
    onState: states.on,
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
