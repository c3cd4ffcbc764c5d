import type { SyslogLine } from '../../src-shared/model/syslog/syslogLine.ts';

/** The newest lines, with limits for their number and bytes. */
export type LineRing = {
  lines: () => readonly SyslogLine[];
  /** Returns how many of the oldest lines were dropped. */
  push: (lines: readonly SyslogLine[]) => number;
  /** Removes and returns the oldest `count` lines. */
  shift: (count: number) => SyslogLine[];
};

/** Two bytes per UTF-16 unit. The other fields are small and limited by the number of lines. */
function bytesOf(line: SyslogLine): number {
  return 2 * line.message.length;
}

export function createLineRing(limits: { maxLines: number; maxBytes: number }): LineRing {
  let kept: SyslogLine[] = [];
  let bytes = 0;
  return {
    lines: () => kept,
    push: (lines) => {
      // One at a time: as arguments of one call, a large history would overflow the stack.
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
  };
}
