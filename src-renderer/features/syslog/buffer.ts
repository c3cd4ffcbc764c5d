import type { SyslogBatch } from '../../../src-shared/contract/syslog.ts';
import type { SyslogLine } from '../../../src-shared/model/syslog/syslogLine.ts';
import { createEmitter } from '../../../src-shared/base/emitter.ts';

/** The most lines that the page holds: more would cost memory, and people don't read that far back. */
export const maxLines = 50_000;
/** The most lines per appliance that are loaded from before the page was opened. */
export const maxBacklog = 10_000;

/** A line, or a mark where lines are missing. `key` grows by one and never repeats. */
export type LogRow =
  { key: number; kind: 'line'; line: SyslogLine } | { key: number; kind: 'gap'; text: string; id?: string };

const gapId = ({ applianceId, seq }: Pick<SyslogLine, 'applianceId' | 'seq'>) => `${applianceId} ${seq}`;

export type LogSnapshot = {
  /** Grows with every change. */
  version: number;
  following: boolean;
  /** Grows when other rows are shown: the filter changed, or all lines were removed. */
  selection: number;
  /** Rows that the filter leaves. The array is reused: read it in the render that `version` causes. */
  rows: readonly LogRow[];
  held: number;
  /** Lines that arrived since the view was paused and that the filter leaves. */
  unseen: number;
  /** True while paused lines have filled the buffer: nothing more is taken in, the console keeps and counts. */
  full: boolean;
  /** Whether the log has lines older than those held. */
  hasOlder: boolean;
  linesPerSecond: number;
  /** Time of the oldest line held. */
  oldestAt: string | null;
};

export type LogFilter = (row: LogRow) => boolean;

/**
 * What a followed log holds. While following, the oldest lines go when the limit is reached. While paused nothing
 * goes, so that what is being read stays; once as many lines as the limit have arrived, `full` asks the reader
 * to stop taking (and acknowledging) more, so that the console's own bounded buffer counts what is lost.
 */
export function createLogBuffer({ limit = maxLines }: { limit?: number } = {}) {
  let all: LogRow[] = [];
  let shown: LogRow[] = [];
  let filter: LogFilter | null = null;
  let nextKey = 0;
  let following = true;
  let unseen = 0;
  /** Rows from this key on arrived while paused. */
  let pausedAt = 0;
  let taken = 0;
  let hasOlder = false;
  /** Lines received so far, by appliance. */
  const received = new Map<string, number>();
  let linesPerSecond = 0;
  let version = 0;
  let selection = 0;
  let snapshot: LogSnapshot | null = null;
  const changes = createEmitter();

  const changed = (): void => {
    version += 1;
    snapshot = null;
    changes.emit();
  };

  const append = (row: LogRow): void => {
    all.push(row);
    if (row.kind === 'line') {
      const count = (received.get(row.line.applianceId) ?? 0) + 1;
      received.set(row.line.applianceId, count);
      if (count >= maxBacklog) hasOlder = true;
    }
    if (filter === null || filter(row)) {
      if (filter !== null) shown.push(row);
      if (!following) unseen += 1;
    }
    if (!following) taken += 1;
  };

  const trim = (): void => {
    const over = all.length - limit;
    if (!following || over <= 0) return;
    all = all.slice(over);
    hasOlder = true;
    const oldest = all[0]?.key ?? nextKey;
    const firstKept = shown.findIndex((row) => row.key >= oldest);
    shown = firstKept === -1 ? [] : shown.slice(firstKept);
  };

  const remove = (removed: NonNullable<SyslogBatch['removed']>): void => {
    const ids = new Set(removed.map(gapId));
    const isLeft = (row: LogRow) => row.kind === 'line' || row.id === undefined || !ids.has(row.id);
    if (!following) {
      const counted = filter === null ? all : shown;
      unseen -= counted.filter((row) => row.key >= pausedAt && !isLeft(row)).length;
    }
    all = all.filter(isLeft);
    shown = shown.filter(isLeft);
  };

  return {
    push: (batch: Pick<SyslogBatch, 'lines' | 'dropped' | 'linesPerSecond' | 'removed'>): void => {
      linesPerSecond = batch.linesPerSecond;
      if (batch.removed !== undefined) remove(batch.removed);
      if (batch.dropped > 0) {
        const text = `${batch.dropped.toLocaleString('en-US')} lines are missing here because the page was too slow or paused for too long`;
        append({ key: nextKey++, kind: 'gap', text });
      }
      for (const line of batch.lines) {
        append(
          line.kind === 'gap'
            ? { key: nextKey++, kind: 'gap', text: line.message, id: gapId(line) }
            : { key: nextKey++, kind: 'line', line },
        );
      }
      trim();
      changed();
    },
    /** Marks a place where the stream itself was interrupted. */
    interrupt: (text: string): void => {
      append({ key: nextKey++, kind: 'gap', text });
      trim();
      changed();
    },
    clear: (): void => {
      all = [];
      shown = [];
      selection += 1;
      received.clear();
      hasOlder = false;
      unseen = 0;
      taken = 0;
      changed();
    },
    pause: (): void => {
      if (!following) return;
      following = false;
      pausedAt = nextKey;
      unseen = 0;
      taken = 0;
      changed();
    },
    follow: (): void => {
      following = true;
      unseen = 0;
      taken = 0;
      trim();
      changed();
    },
    setFilter: (next: LogFilter | null): void => {
      filter = next;
      selection += 1;
      shown = next === null ? [] : all.filter(next);
      unseen = following ? 0 : (next === null ? all : shown).filter(({ key }) => key >= pausedAt).length;
      changed();
    },
    isFull: (): boolean => !following && taken >= limit,
    subscribe: changes.on,
    snapshot: (): LogSnapshot => {
      const oldest = all.find((row) => row.kind === 'line');
      snapshot ??= {
        version,
        following,
        selection,
        rows: filter === null ? all : shown,
        held: all.length,
        unseen,
        full: !following && taken >= limit,
        hasOlder,
        linesPerSecond,
        oldestAt: oldest?.kind === 'line' ? (oldest.line.time ?? oldest.line.receivedAt) : null,
      };
      return snapshot;
    },
  };
}
export type LogBuffer = ReturnType<typeof createLogBuffer>;
