import { createHash } from 'node:crypto';
import { AppError } from '../../src-shared/errors.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import { dayMs, hourMs, minuteMs } from '../../src-shared/base/time.ts';
import { callEvery } from '../../src-shared/node/callEvery.ts';
import type { Log } from '../base/log.ts';
import type { Links } from '../links/links.ts';
import { ageSecondsOf, dayOf, findKeepProblem, type KeptCountsStore } from './keptCounts.ts';
import { problemOf } from './previewUsage.ts';
import { readCounts, type UsageLinks } from './readCounts.ts';

const lookEveryMs = minuteMs;
/** After a read that failed, and after one that could not be kept. */
const retryMs = hourMs;
/** The first reads of a day are spread over this time, so that a large fleet doesn't count at once **[ours]**. */
const spreadMs = 30 * minuteMs;

type Attempt = { at: number; error: ReturnType<typeof problemOf> | null };

/** How long after midnight an appliance is read: the same each day. */
const delayOf = (applianceId: string): number =>
  createHash('sha256').update(applianceId).digest().readUInt32BE() % spreadMs;

/**
 * Keeps the counts of each appliance once a day (UTC), for projections and charts. Reads only appliances that are connected
 * anyway, each without waiting for others. After a failed read, the last kept counts stay, and it is tried again an hour later.
 */
export function createDailySamples(options: {
  links: UsageLinks & Pick<Links, 'state'>;
  kept: KeptCountsStore;
  entries: () => readonly ApplianceEntry[];
  clock: () => number;
  log: Pick<Log, 'error'>;
}) {
  const { links, kept, clock, log } = options;
  const running = new Map<string, Promise<Attempt>>();
  const attempts = new Map<string, Attempt>();

  async function read(entry: ApplianceEntry): Promise<Attempt> {
    const { counts } = await readCounts(options, entry, null);
    if (counts.summary === null) return { at: clock(), error: problemOf(counts.error) };
    const problem = findKeepProblem(counts.summary, clock());
    const error = problem === null ? null : problemOf(new AppError('BILLING_COUNTS_INCOMPLETE', problem));
    return { at: clock(), error };
  }

  /** Reads one appliance now; a second call joins the first. */
  function sample(entry: ApplianceEntry): Promise<Attempt> {
    const present = running.get(entry.id);
    if (present !== undefined) return present;
    const reading = read(entry)
      .then((attempt) => {
        attempts.set(entry.id, attempt);
        return attempt;
      })
      .finally(() => running.delete(entry.id));
    running.set(entry.id, reading);
    return reading;
  }

  /** A clock of this computer that was set back makes nothing due: kept counts are then of a later day. */
  function isDue({ id }: ApplianceEntry, now: number): boolean {
    if (running.has(id) || links.state(id).state !== 'connected') return false;
    const failed = attempts.get(id);
    if (failed !== undefined && failed.error !== null && Math.abs(now - failed.at) < retryMs) return false;
    const last = kept.lastTakenAt(id);
    if (last === null) return true;
    return dayOf(last) < dayOf(new Date(now).toISOString()) && now % dayMs >= delayOf(id);
  }

  const onError = (thrown: unknown) => log.error({ err: thrown }, 'could not keep the usage of the day');
  function lookAtAll(): void {
    const now = clock();
    for (const entry of options.entries()) if (isDue(entry, now)) sample(entry).catch(onError);
  }

  return {
    sample,
    /** Samples until the returned function is called. */
    hold: (): (() => void) => {
      lookAtAll();
      return callEvery({ everyMs: lookEveryMs, work: lookAtAll, onError });
    },
    /** The newest kept counts with their age, and the last attempt of this console if it failed. */
    stateOf: (applianceId: string) => {
      const takenAt = kept.lastTakenAt(applianceId);
      const attempt = attempts.get(applianceId) ?? null;
      return {
        takenAt,
        ageSeconds: takenAt === null ? null : ageSecondsOf({ takenAt }, clock()),
        failed:
          attempt === null || attempt.error === null
            ? null
            : { ...attempt.error, at: new Date(attempt.at).toISOString() },
      };
    },
    forget: (applianceId: string): void => void attempts.delete(applianceId),
  };
}
