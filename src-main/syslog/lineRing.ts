import type { SyslogLine } from '../../src-shared/model/syslog/syslogLine.ts';

/** A ring buffer for the newest lines, limited by their number and their bytes. */
export type LineRing = {
  lines: () => readonly SyslogLine[];
  /** Adds lines and returns how many of the oldest lines were dropped. */
  push: (lines: readonly SyslogLine[]) => number;
  /** Removes and returns the oldest `count` lines. */
  shift: (count: number) => SyslogLine[];
  /** Removes lines of one appliance by their numbers. Returns the numbers of those that were there. */
  remove: (applianceId: string, seqs: ReadonlySet<number>) => number[];
};

/** The memory of a line's text: two bytes per UTF-16 unit. The number of lines limits the other fields. */
function bytesOf(line: SyslogLine): number {
  return 2 * line.message.length;
}

export function createLineRing(limits: { maxLines: number; maxBytes: number }): LineRing {
  let kept: SyslogLine[] = [];
  let bytes = 0;
  return {
    lines: () => kept,
    push: (lines) => {
      // Not `push(...lines)`, because a long history would overflow the stack as arguments.
      for (const line of lines) {
        kept.push(line);
        bytes += bytesOf(line);
      }
      let excess = 0;
      for (const line of kept) {
        if (kept.length - excess <= limits.maxLines && bytes <= limits.maxBytes) break;
        bytes -= bytesOf(line);
        excess += 1;
      }
      if (excess > 0) kept = kept.slice(excess);
      return excess;
    },
    shift: (count) => {
      const taken = kept.slice(0, count);
      for (const line of taken) bytes -= bytesOf(line);
      kept = kept.slice(count);
      return taken;
    },
    remove: (applianceId, seqs) => {
      const isRemoved = (line: SyslogLine) => line.applianceId === applianceId && seqs.has(line.seq);
      const removed = kept.filter(isRemoved);
      for (const line of removed) bytes -= bytesOf(line);
      if (removed.length > 0) kept = kept.filter((line) => !isRemoved(line));
      return removed.map(({ seq }) => seq);
    },
  };
}
