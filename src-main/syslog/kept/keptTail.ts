import type { SyslogLine } from '../../../src-shared/model/syslog/syslogLine.ts';
import type { AppError } from '../../../src-shared/errors.ts';
import type { ApplianceTail } from '../applianceTail.ts';
import type { FollowState } from '../follow/followState.ts';
import { createLineRate } from '../lineRate.ts';
import { createReadTrouble } from '../readTrouble.ts';
import { maxKeptBytes } from '../tailLines.ts';
import type { KeptHistory } from './keptHistory.ts';
import { createKeptLines, type PendingEvent } from './keptLines.ts';
import type { KeptEvent, KeptLogs } from './keptLogs.ts';

/** Events that wait for the old lines. */
const maxPending = 10_000;
const keptAgain = 'New lines are kept again.';
const filling =
  'Many lines were written since. The newest follow here; the ones before are read now and can be searched.';
const unkeptText = ({ message }: AppError) => `New lines are shown, but not kept: ${message}`;

/** Whether the lines that were there before are kept, or can't be had now. */
const isSettled = ({ phase, trouble }: FollowState) =>
  phase === 'following' || phase === 'waiting' || trouble !== null;

const bytesOf = (event: PendingEvent | undefined): number =>
  event?.kind === 'batch' ? event.batch.bytes.length : 0;

/** The last batches that fit into memory, and gaps between them. */
function createPending() {
  let events: PendingEvent[] = [];
  let bytes = 0;
  return {
    add: (event: PendingEvent): void => {
      events.push(event);
      bytes += bytesOf(event);
      while ((bytes > maxKeptBytes || events.length > maxPending) && events.length > 1)
        bytes -= bytesOf(events.shift());
    },
    removeGaps: (ids: readonly string[]): void => {
      events = events.filter((event) => event.kind !== 'gap' || !ids.includes(event.gap.id));
    },
    take: (): PendingEvent[] => {
      const taken = events;
      events = [];
      bytes = 0;
      return taken;
    },
  };
}

/**
 * The lines of one appliance as they are kept: the newest ones from the store, then each new line once, also after a cut,
 * a rotation or a restart.
 */
export function createKeptTail(options: {
  applianceId: string;
  /** Number of old lines. */
  history: number;
  logs: Pick<KeptLogs, 'keep' | 'stateOf' | 'problemOf' | 'onEvent'>;
  readHistory: (applianceId: string, limit: number) => Promise<KeptHistory>;
  onLines: (lines: readonly SyslogLine[], isFirstHistory: boolean) => void;
  /** Gaps are over: their rows have these numbers. */
  onRowsRemoved: (seqs: readonly number[]) => void;
  /** Called when the result of `trouble` has changed. */
  onTrouble: () => void;
  /** Called once if the appliance can't run the script that reads files. */
  onRefused: () => void;
  clock: () => number;
}): ApplianceTail {
  const { applianceId, logs } = options;
  const lines = createKeptLines(options);
  const trouble = createReadTrouble({ ...options, onGap: (message) => addNotice(message) });
  const rate = createLineRate(options.clock);
  const historyRead = Promise.withResolvers<void>();
  const pending = createPending();
  let notices: string[] = [];
  const shownGaps = new Set<string>();
  let history: 'unread' | 'reading' | 'read' = 'unread';
  let isStopped = false;
  let hasFilled = false;

  function addNotice(message: string): void {
    if (history === 'read') lines.addNotice(message);
    else notices.push(message);
  }

  async function readHistory(): Promise<void> {
    history = 'reading';
    // Without the store, what arrives is still shown.
    const kept = await options.readHistory(applianceId, options.history).catch(() => null);
    if (isStopped) return;
    history = 'read';
    for (const id of kept?.gapIds ?? []) shownGaps.add(id);
    lines.addHistory(kept, pending.take(), notices);
    notices = [];
    historyRead.resolve();
  }

  function takeState(state: FollowState): void {
    if (state.isRefused) return options.onRefused();
    if (state.trouble !== null) trouble.report(state.trouble);
    else if (state.phase === 'waiting') trouble.clear();
    else if (state.phase === 'following') trouble.recover();
    const isNewlyFilling = state.isFilling && !hasFilled;
    hasFilled = state.isFilling;
    if (isNewlyFilling && history === 'read') addNotice(filling);
    if (history === 'unread' && isSettled(state)) void readHistory();
  }

  function takeEvent(event: KeptEvent): void {
    switch (event.kind) {
      case 'batch':
        if (event.isOlder) return;
        if (event.batch.bytes.length > 0) trouble.noteLine();
        if (history === 'read') rate.add(lines.add(event.batch));
        else pending.add(event);
        return;
      case 'gap':
        if (shownGaps.has(event.gap.id)) return;
        if (history === 'read') lines.addGap(event.gap);
        else pending.add(event);
        shownGaps.add(event.gap.id);
        return;
      case 'gaps-removed':
        pending.removeGaps(event.ids);
        for (const id of event.ids) shownGaps.delete(id);
        return lines.removeGaps(event.ids);
      case 'state':
        return takeState(event.state);
      case 'problem':
        return addNotice(event.problem === null ? keptAgain : unkeptText(event.problem));
    }
  }

  const stopListening = logs.onEvent((id, event) => {
    if (id === applianceId && !isStopped) takeEvent(event);
  });
  const problem = logs.problemOf(applianceId);
  const state = logs.stateOf(applianceId);
  const release = logs.keep(applianceId);
  if (problem !== null) addNotice(unkeptText(problem));
  if (state !== null) takeState(state);

  return {
    lines: lines.list,
    linesPerSecond: () => (trouble.current() === null ? rate.perSecond() : null),
    trouble: trouble.current,
    historyRead: historyRead.promise,
    stop: () => {
      isStopped = true;
      stopListening();
      historyRead.resolve();
      void release();
    },
  };
}
