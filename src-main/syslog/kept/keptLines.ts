import { maxLineBytes, parseSyslogLine } from '../../../src-shared/model/syslog/syslogParse.ts';
import type { SyslogLine } from '../../../src-shared/model/syslog/syslogLine.ts';
import { createLineSplitter } from '../../../src-shared/node/lineSplitter.ts';
import { maxHeadBytes, type LogBatch, type LogGap, type LogSource } from '../follow/logSource.ts';
import { createLineRing } from '../lineRing.ts';
import { maxKeptBytes, maxKeptLines } from '../tailLines.ts';
import { gapText } from './gapText.ts';
import type { HistoryRow, KeptHistory } from './keptHistory.ts';

type Row = Omit<SyslogLine, 'seq' | 'applianceId'> & { gapId?: string };
type Arrival = { receivedAt: number; zoneOffsetMinutes: number | null };

const noFields = { host: null, program: null, pid: null, severity: null, severityFrom: null, head: '' };
const lineEnd = Buffer.from('\n');

function lineRow(text: string, { receivedAt, zoneOffsetMinutes }: Arrival): Row {
  return {
    receivedAt: new Date(receivedAt).toISOString(),
    ...parseSyslogLine(text, { receivedAt, zoneOffsetMinutes: zoneOffsetMinutes ?? 0 }),
    kind: 'line',
  };
}

function noticeRow(message: string, at: number): Row {
  const now = new Date(at).toISOString();
  return { receivedAt: now, time: now, ...noFields, message, kind: 'gap' };
}
const gapRow = (gap: LogGap, at: number): Row => ({ ...noticeRow(gapText(gap), at), gapId: gap.id });

function historyRows(row: HistoryRow): Row[] {
  if (row.kind === 'gap') return [gapRow(row.gap, row.gap.until)];
  const { text, arrival } = row.line;
  // Blocks of NUL bytes and very long lines are shortened, as in new lines.
  const isPlain = text.length <= maxLineBytes / 4 && !text.includes('\0');
  const texts = isPlain ? [text] : createLineSplitter(maxLineBytes)(Buffer.from(`${text}\n`));
  return texts.map((each) => lineRow(each, arrival));
}

/** What came before the old lines were read. */
export type PendingEvent = { kind: 'batch'; batch: LogBatch } | { kind: 'gap'; gap: LogGap };

/** Only a whole head identifies a file. */
const fileOf = ({ device, inode, head }: LogSource): string | null =>
  Buffer.byteLength(head, 'base64') < maxHeadBytes ? null : `${device}:${inode}:${head}`;

/**
 * The byte after the last one that is shown, by source and by file: a file has several sources if the reading began
 * anew in its middle.
 */
function createShownEnds() {
  const bySource = new Map<string, number>();
  const byFile = new Map<string, number>();
  return {
    of: (source: LogSource): number | undefined => {
      const file = fileOf(source);
      const ends = [bySource.get(source.id), file === null ? undefined : byFile.get(file)];
      const known = ends.filter((end) => end !== undefined);
      return known.length === 0 ? undefined : Math.max(...known);
    },
    note: (source: LogSource, end: number): void => {
      bySource.set(source.id, end);
      const file = fileOf(source);
      if (file !== null) byFile.set(file, Math.max(end, byFile.get(file) ?? 0));
    },
  };
}

/** Turns what is kept of a log into numbered lines, each byte of a file once, and has the newest ones in memory. */
export function createKeptLines(options: {
  applianceId: string;
  onLines: (lines: readonly SyslogLine[], isFirstHistory: boolean) => void;
  /** Gaps are over: their rows have these numbers. */
  onRowsRemoved: (seqs: readonly number[]) => void;
  clock: () => number;
}) {
  const { applianceId, clock } = options;
  const ring = createLineRing({ maxLines: maxKeptLines, maxBytes: maxKeptBytes });
  const shown = createShownEnds();
  const splitters = new Map<string, (chunk: Buffer) => string[]>();
  /** The numbers of the rows of gaps, by gap. */
  const gapSeqs = new Map<string, number>();
  let seq = 0;

  function numbered({ gapId, ...row }: Row): SyslogLine {
    const line = { seq: seq++, applianceId, ...row };
    if (gapId !== undefined) gapSeqs.set(gapId, line.seq);
    return line;
  }
  function keep(rows: readonly Row[], isFirstHistory: boolean): void {
    if (rows.length === 0) return;
    const lines = rows.map(numbered);
    ring.push(lines);
    options.onLines(lines, isFirstHistory);
  }

  function batchRows(batch: LogBatch): Row[] {
    const { source, from, to, bytes } = batch;
    const start = shown.of(source) ?? from;
    shown.note(source, Math.max(start, to));
    const isEnd = source.isComplete && splitters.has(source.id);
    if (start >= to && !isEnd) return [];
    const split = splitters.get(source.id) ?? createLineSplitter(maxLineBytes);
    const texts = split(bytes.subarray(Math.max(0, start - from)));
    const isOpen = bytes.length > 0 ? bytes.at(-1) !== lineEnd[0] : splitters.has(source.id);
    if (isOpen && source.isComplete) texts.push(...split(lineEnd));
    if (isOpen && !source.isComplete) splitters.set(source.id, split);
    else splitters.delete(source.id);
    return texts.map((text) => lineRow(text, batch));
  }

  return {
    /** The newest lines, oldest first. */
    list: ring.lines,
    /** Returns how many lines are new. */
    add: (batch: LogBatch): number => {
      const rows = batchRows(batch);
      keep(rows, false);
      return rows.length;
    },
    addNotice: (message: string): void => keep([noticeRow(message, clock())], false),
    addGap: (gap: LogGap): void => keep([gapRow(gap, clock())], false),
    /** Removes the rows of gaps that are over. */
    removeGaps: (ids: readonly string[]): void => {
      const seqs = ids.flatMap((id) => gapSeqs.get(id) ?? []);
      for (const id of ids) gapSeqs.delete(id);
      ring.remove(applianceId, new Set(seqs));
      if (seqs.length > 0) options.onRowsRemoved(seqs);
    },
    /** Adds the old lines: those in the store, then what was read in the meantime. */
    addHistory: (
      history: KeptHistory | null,
      events: readonly PendingEvent[],
      notices: readonly string[],
    ): void => {
      for (const source of history?.sources ?? []) shown.note(source, source.offset);
      const isKept = new Set(history?.gapIds);
      keep(
        [
          ...(history?.rows.flatMap(historyRows) ?? []),
          ...notices.map((notice) => noticeRow(notice, clock())),
          ...events.flatMap((event) =>
            event.kind === 'batch'
              ? batchRows(event.batch)
              : isKept.has(event.gap.id)
                ? []
                : [gapRow(event.gap, clock())],
          ),
        ],
        true,
      );
    },
  };
}
