import { AppError } from '../../../src-shared/errors.ts';
import type { FollowStateKeeper } from './followState.ts';
import type { LogGap, LogSource } from './logSource.ts';
import { lateSeconds, planReads, type Plan, type PlannedRead } from './plan.ts';
import { createReaderOf, keepChunk, readFile, type ReadContext } from './readFile.ts';
import type { RemoteLog } from './remoteLog.ts';
import type { Survey } from './survey.ts';

/**
 * Follows the log and its predecessor until something changes. `on.idle` is called when everything that was written is
 * read, and then every few seconds; `on.read` after each part that was read.
 */
async function followLog(
  context: ReadContext,
  plan: { log: PlannedRead; previous: PlannedRead | null; stamp: string },
  on: { idle: (event: { clock: number; isMissing: boolean }) => void; read: () => void },
): Promise<void> {
  const { log, previous } = plan;
  const first = { read: log, reader: createReaderOf(context, log) };
  const second = previous === null ? null : { read: previous, reader: createReaderOf(context, previous) };
  const place = ({ read, reader }: typeof first) => ({
    device: read.file.device,
    inode: read.file.inode,
    from: reader.readFrom,
  });
  let lastLate = previous?.file.modified ?? 0;
  const events = context.log.follow(
    { log: place(first), previous: second === null ? null : place(second), stamp: plan.stamp },
    context.signal,
  );
  for await (const event of events) {
    if (event.kind === 'changed' || event.kind === 'end') return;
    if (event.kind === 'idle') {
      on.idle(event);
      // The next survey completes the previous file.
      if (second !== null && first.reader.position() > 0 && event.clock - lastLate > lateSeconds) return;
      continue;
    }
    const target = event.descriptor === 4 ? second : first;
    if (target === null) continue;
    if (target === second && event.bytes.length > 0 && event.at > place(second).from) lastLate = event.clock;
    if ((await keepChunk(context, { ...target, chunk: event })) === 'changed') return;
    on.read();
  }
}

/** Surveys until the files are in no passing state, and plans. */
export async function surveyAndPlan(options: {
  log: RemoteLog;
  known: () => Promise<readonly LogSource[]>;
  keptGaps: () => Promise<readonly LogGap[]>;
  signal: AbortSignal;
  maxBytesBefore: number;
  excluded: ReadonlySet<string>;
  newId: () => string;
  wait: (attempt: number) => Promise<void>;
}): Promise<{ plan: Plan; survey: Survey; known: readonly LogSource[] }> {
  let last = '';
  let unchanged = 0;
  for (let attempt = 1; ; attempt += 1) {
    const survey = await options.log.survey(options.signal);
    const known = await options.known();
    const keptGaps = await options.keptGaps();
    const plan = planReads({
      ...options,
      known,
      keptGaps,
      survey,
      isPatienceOver: unchanged >= maxUnchanged,
    });
    if (plan.unsettled === null) return { plan, survey, known };
    const state = JSON.stringify(survey.files.map(({ name, inode, size }) => [name, inode, size]));
    unchanged = state === last ? unchanged + 1 : 0;
    last = state;
    await options.wait(attempt);
  }
}
/** A copy that stays the same for so many surveys is a file of its own **[ours]**. */
const maxUnchanged = 8;

/** Reads files one after the other. Resolves with false if the files have changed, so that a new survey is needed. */
export async function readAll(context: ReadContext, reads: readonly PlannedRead[]): Promise<boolean> {
  for (const read of reads) if ((await readFile(context, read)) === 'changed') return false;
  return true;
}

/** Follows the log while older files are read. Resolves when the files have changed. */
export async function followAndFill(options: {
  plan: Plan;
  stamp: string;
  contextFor: (call: { signal: AbortSignal; isOlder: boolean }) => ReadContext;
  signal: AbortSignal;
  state: FollowStateKeeper;
}): Promise<void> {
  const { plan, state } = options;
  const ending = new AbortController();
  const signal = AbortSignal.any([options.signal, ending.signal]);
  const context = options.contextFor({ signal, isOlder: false });
  const end = () => ending.abort(new AppError('CANCELLED', 'The files of the log have changed.'));

  // The newest lines come first.
  const begun = Promise.withResolvers<void>();

  async function fill(): Promise<void> {
    state.set({ isFilling: plan.fill.length > 0 });
    await begun.promise;
    const isDone = await readAll(options.contextFor({ signal, isOlder: true }), plan.fill);
    // What was written in the meantime to a file that is not final needs a new plan.
    if (!isDone || plan.fill.some(({ isFinal, source }) => !isFinal && source.end === null)) end();
    else state.set({ isFilling: false });
  }
  async function follow(): Promise<void> {
    if (plan.log === null) return begun.resolve();
    await followLog(
      context,
      { log: plan.log, previous: plan.previous, stamp: options.stamp },
      {
        read: begun.resolve,
        idle: (event) => {
          begun.resolve();
          state.set({ phase: 'following' });
          // A survey says why it is missing.
          if (!event.isMissing) state.noteLog(null);
        },
      },
    ).finally(begun.resolve);
    end();
  }
  const endOnError = (thrown: unknown) => {
    end();
    throw thrown;
  };
  const results = await Promise.allSettled([follow().catch(endOnError), fill().catch(endOnError)]);
  // At once, so that nobody takes what is not read yet for all that there is.
  state.set({ phase: 'surveying', isFilling: false });
  for (const result of results)
    if (result.status === 'rejected' && result.reason !== ending.signal.reason) throw result.reason;
}
