import { AppError } from '../../../../src-shared/errors.ts';
import { createEmitter } from '../../../../src-shared/base/emitter.ts';
import { dayMs, minuteMs } from '../../../../src-shared/base/time.ts';
import { openLogDatabase, openLogReader } from '../database.ts';
import { createSearches } from '../search/searches.ts';
import { createUsageReader } from '../search/usage.ts';
import { createLogWriter, type LogBatch } from '../write/logWriter.ts';
import { createMaintenance } from '../write/maintenance.ts';
import type { KeepLimits } from '../write/prune.ts';
import { storeInUse } from '../storeInUse.ts';
import { createWriterLock } from '../writerLock.ts';
import type { LogStoreState } from './protocol.ts';
import { createScanThreads } from './scanThreads.ts';

/** Batches are kept together at the latest after this time, or at this size **[ours]**. */
const commitMs = 20;
const commitBytes = 64 * 1024;
/** Time between two steps of maintenance with work to do, and without. */
const busyStepMs = 30;
const idleStepMs = minuteMs;
const scanThreads = 2;
const defaultLimits: KeepLimits = { maxBytes: 2 * 2 ** 30, maxAgeMs: 90 * dayMs };

type Waiting = { batch: LogBatch; resolve: () => void; reject: (thrown: unknown) => void };

const isFull = (thrown: unknown) => thrown instanceof AppError && thrown.code === 'LOG_STORE_FULL';

/** Keeps and searches logs. The same as `createLogEngineClient`, in this process. Throws as `openLogDatabase` does. */
export function createLogEngine({ folder }: { folder: string }) {
  const writer = createLogWriter(openLogDatabase(folder));
  const lock = createWriterLock(folder);
  const database = openLogReader(folder);
  const pool = createScanThreads({ folder, count: scanThreads });
  const searches = createSearches(database, pool);
  const readUsage = createUsageReader(database.sqlite);
  const maintenance = createMaintenance(writer.database);
  const states = createEmitter<[LogStoreState]>();
  let state: LogStoreState = lock.take() ? 'keeping' : 'elsewhere';
  let limits: Record<string, KeepLimits> = {};
  const limitsOf = (applianceId: string): KeepLimits => limits[applianceId] ?? limits[''] ?? defaultLimits;
  let waiting: Waiting[] = [];
  let waitingBytes = 0;
  let commitTimer: NodeJS.Timeout | null = null;
  let stepTimer: NodeJS.Timeout | null = null;
  let isClosed = false;

  function setState(next: LogStoreState): void {
    if (next === state) return;
    state = next;
    states.emit(next);
  }

  /** Whether this process may write now. It may once another one that kept the logs has ended. */
  function takeRight(): boolean {
    const mayWrite = lock.take();
    if (!mayWrite) setState('elsewhere');
    else if (state === 'elsewhere') setState('keeping');
    return mayWrite;
  }
  /** Throws LOG_STORE_IN_USE. */
  function assertMayWrite(): void {
    if (!takeRight()) throw storeInUse();
  }
  /** Whether a batch continues its source, behind the batches that are to be kept with it. */
  function continues({ batch }: Waiting, ends: Map<string, number>): boolean {
    const { applianceId, source, from, to, bytes } = batch;
    const name = JSON.stringify([applianceId, source.id]);
    const isNext = from === (ends.get(name) ?? writer.offset(applianceId, source));
    if (isNext) ends.set(name, to);
    return isNext && to - from === bytes.length;
  }
  function keep(batches: readonly Waiting[]): void {
    if (batches.length === 0) return;
    try {
      assertMayWrite();
      writer.append(batches.map(({ batch }) => batch));
      setState('keeping');
      for (const { resolve } of batches) resolve();
    } catch (thrown) {
      if (isFull(thrown)) setState('full');
      for (const { reject } of batches) reject(thrown);
    }
  }
  function commit(): void {
    if (commitTimer !== null) clearTimeout(commitTimer);
    commitTimer = null;
    const batches = waiting;
    waiting = [];
    waitingBytes = 0;
    // A wrong batch harms no other: it fails alone.
    const ends = new Map<string, number>();
    const good = new Set(batches.filter((one) => continues(one, ends)));
    keep([...good]);
    for (const one of batches) if (!good.has(one)) keep([one]);
    scheduleStep(busyStepMs);
  }
  function step(): void {
    stepTimer = null;
    if (state === 'elsewhere') return;
    try {
      const hasMore = maintenance.step(limitsOf, Date.now());
      scheduleStep(hasMore ? busyStepMs : idleStepMs);
    } catch (thrown) {
      // It is tried again; appends report the full disk.
      if (isFull(thrown)) setState('full');
      scheduleStep(idleStepMs);
    }
  }
  function scheduleStep(delayMs: number): void {
    if (isClosed) return;
    if (stepTimer !== null && delayMs === idleStepMs) return;
    if (stepTimer !== null) clearTimeout(stepTimer);
    stepTimer = setTimeout(step, delayMs).unref();
  }

  return {
    /** All sources of an appliance with their positions, in order. */
    listSources: async ({ applianceId }: { applianceId: string }) => {
      commit();
      return writer.list(applianceId);
    },
    /** Resolves when the lines and their position are in the store. Rejects as `append` of the writer throws. */
    append: (batch: LogBatch): Promise<void> =>
      new Promise((resolve, reject) => {
        waiting.push({ batch, resolve, reject });
        waitingBytes += batch.bytes.length;
        if (waitingBytes >= commitBytes) commit();
        else commitTimer ??= setTimeout(commit, commitMs);
      }),
    addGap: async (gap: Parameters<typeof writer.addGap>[0]) => {
      commit();
      assertMayWrite();
      writer.addGap(gap);
    },
    removeGaps: async (gaps: Parameters<typeof writer.removeGaps>[0]) => {
      commit();
      assertMayWrite();
      writer.removeGaps(gaps);
    },
    /** Limits by appliance; those of '' are for all others. */
    setLimits: async (next: Record<string, KeepLimits>) => {
      limits = next;
      scheduleStep(busyStepMs);
    },
    openSearch: async (request: Parameters<typeof searches.open>[0]) => searches.open(request),
    searchPage: (page: Parameters<typeof searches.page>[0]) => searches.page(page),
    /** The search must be open. */
    searchProgress: (progress: Parameters<typeof searches.progress>[0]) => searches.progress(progress),
    searchContext: async (at: Parameters<typeof searches.context>[0]) => searches.context(at),
    /** Where lines are missing, oldest first. */
    listGaps: async ({ applianceIds }: { applianceIds: readonly string[] }) => searches.gaps(applianceIds),
    /** How much of an appliance is kept, and how much may be. */
    readUsage: async ({ applianceId }: { applianceId: string }) => {
      commit();
      return { ...readUsage(applianceId), limits: limitsOf(applianceId) };
    },
    removedUntil: async ({ id }: { id: string }) => searches.removedUntil(id),
    cancelSearch: async ({ id }: { id: string }) => searches.cancel(id),
    readState: async () => {
      takeRight();
      return state;
    },
    onState: states.on,
    /** Keeps what waits, then closes the store. */
    close: async (): Promise<void> => {
      commit();
      isClosed = true;
      if (stepTimer !== null) clearTimeout(stepTimer);
      searches.close();
      pool.end();
      database.sqlite.close();
      writer.close();
      lock.close();
    },
  };
}

export type LogEngine = ReturnType<typeof createLogEngine>;
