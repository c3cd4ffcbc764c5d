import { maxLineBytes, parseSyslogLine } from '../../../src-shared/model/syslog/syslogParse.ts';
import type { SyslogLine } from '../../../src-shared/model/syslog/syslogLine.ts';
import { createLineSplitter } from '../../../src-shared/node/lineSplitter.ts';
import type { LogBatch } from '../follow/logSource.ts';
import { createLineRing } from '../lineRing.ts';
import { maxKeptBytes, maxKeptLines } from '../tailLines.ts';
import { gapText } from './gapText.ts';
import type { HistoryRow, KeptHistory } from './keptHistory.ts';

type Row = Omit<SyslogLine, 'seq' | 'applianceId'>;
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

function gapRow(message: string, at: number): Row {
  const now = new Date(at).toISOString();
  return { receivedAt: now, time: now, ...noFields, message, kind: 'gap' };
}

function historyRows(row: HistoryRow): Row[] {
  if (row.kind === 'gap') return [gapRow(gapText(row.gap), row.gap.until)];
  const { text, arrival } = row.line;
  // Blocks of NUL bytes and very long lines are shortened, as in new lines.
  const isPlain = text.length <= maxLineBytes / 4 && !text.includes('\0');
  const texts = isPlain ? [text] : createLineSplitter(maxLineBytes)(Buffer.from(`${text}\n`));
  return texts.map((each) => lineRow(each, arrival));
}

/** Turns what is kept of a log into numbered lines, each byte of a file once, and has the newest ones in memory. */
export function createKeptLines(options: {
  applianceId: string;
  onLines: (lines: readonly SyslogLine[], isFirstHistory: boolean) => void;
  clock: () => number;
}) {
  const { applianceId, clock } = options;
  const ring = createLineRing({ maxLines: maxKeptLines, maxBytes: maxKeptBytes });
  /** The byte after the last one that is shown, by source. */
  const shown = new Map<string, number>();
  const splitters = new Map<string, (chunk: Buffer) => string[]>();
  let seq = 0;

  function keep(rows: readonly Row[], isFirstHistory: boolean): void {
    if (rows.length === 0) return;
    const lines = rows.map((row): SyslogLine => ({ seq: seq++, applianceId, ...row }));
    ring.push(lines);
    options.onLines(lines, isFirstHistory);
  }

  function batchRows(batch: LogBatch): Row[] {
    const { source, from, to, bytes } = batch;
    const start = shown.get(source.id) ?? from;
    shown.set(source.id, Math.max(start, to));
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
    addGap: (message: string): void => keep([gapRow(message, clock())], false),
    /** Adds the old lines: those in the store, then what was read in the meantime. */
    addHistory: (
      history: KeptHistory | null,
      batches: readonly LogBatch[],
      notices: readonly string[],
    ): void => {
      for (const [id, end] of history?.ends ?? []) shown.set(id, end);
      keep(
        [
          ...(history?.rows.flatMap(historyRows) ?? []),
          ...notices.map((notice) => gapRow(notice, clock())),
          ...batches.flatMap(batchRows),
        ],
        true,
      );
    },
  };
}
