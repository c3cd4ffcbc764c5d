import type { SyslogLine } from '../../src-shared/model/syslog/syslogLine.ts';

/** The newest lines, bounded both in number and in bytes. */
export type LineRing = {
  lines: () => readonly SyslogLine[];
  /** Tells how many of the oldest lines made room. */
  push: (lines: readonly SyslogLine[]) => number;
  /** Takes out the oldest `count`. */
  shift: (count: number) => SyslogLine[];
};

/** Two bytes a UTF-16 unit; the fields beside the text are small and bounded by the number of lines. */
function bytesOf(line: SyslogLine): number {
  return 2 * line.message.length;
}

export function createLineRing(limits: { maxLines: number; maxBytes: number }): LineRing {
  let kept: SyslogLine[] = [];
  let bytes = 0;
  return {
    lines: () => kept,
    push: (lines) => {
      // One by one: as arguments of one call, a large history overflows the stack.
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
