import { createBoundedMap } from '../../../base/boundedMap.ts';
import type { Severity } from '../syslogLine.ts';
import type { ParsedLine } from '../syslogParse.ts';
import { maskMessage } from './maskMessage.ts';

export type FoldableLine = Pick<ParsedLine, 'program' | 'severity' | 'message'>;

/** Shorter runs stay as lines **[ours]**. */
const minRun = 3;

/** rsyslog and sshd's log fold repeats themselves. */
const repeatedPattern = /^ ?message repeated (\d{1,6}) times: \[ ?(.*)\]$/su;

/** How often a line stands for its event, and the message without rsyslog's own count. */
export function readRepeated(message: string): { times: number; message: string } {
  const [, times, text] = repeatedPattern.exec(message) ?? [];
  return times === undefined || text === undefined
    ? { times: 1, message }
    : { times: Number(times), message: text };
}

/** The kind of a line: its program, its severity and the pattern of its message. */
export function readPattern(line: FoldableLine): { key: string; pattern: string; times: number } {
  const { times, message } = readRepeated(line.message);
  const pattern = maskMessage(message);
  return { key: `${line.program ?? ''}\n${line.severity ?? ''}\n${pattern}`, pattern, times };
}

/** Lines `from` to `to` (indices, both included) that differ only in numbers, addresses and ids. `count`: of events. */
export type Run = { from: number; to: number; count: number; pattern: string };

/** Finds the runs of lines of one kind in a list of lines. Lines outside runs are not listed. */
export function findRuns(lines: readonly FoldableLine[]): Run[] {
  const runs: Run[] = [];
  let current: (Run & { key: string }) | null = null;
  const finish = () => {
    if (current === null || current.to - current.from + 1 < minRun) return;
    const { from, to, count, pattern } = current;
    runs.push({ from, to, count, pattern });
  };
  lines.forEach((line, index) => {
    const { key, pattern, times } = readPattern(line);
    if (current?.key === key) {
      current.to = index;
      current.count += times;
      return;
    }
    finish();
    current = { key, from: index, to: index, count: times, pattern };
  });
  finish();
  return runs;
}

/** Patterns that are counted at once; of more kinds, the ones not seen for longest are counted together **[ours]**. */
export const maxPatterns = 1000;

export type PatternCount = {
  program: string | null;
  severity: Severity | null;
  pattern: string;
  count: number;
  /** Numbers that the caller gives to lines, e.g. to find an example. */
  firstLine: number;
  lastLine: number;
};

/** Counts lines by kind, in bounded memory. */
export function createPatternCounter() {
  const patterns = createBoundedMap<string, PatternCount>(maxPatterns);
  let total = 0;
  return {
    add: (line: FoldableLine, number: number): void => {
      const { key, pattern, times } = readPattern(line);
      total += times;
      const known = patterns.get(key);
      if (known !== undefined) {
        known.count += times;
        known.lastLine = number;
        return;
      }
      const { program, severity } = line;
      patterns.set(key, { program, severity, pattern, count: times, firstLine: number, lastLine: number });
    },
    /** The patterns, most frequent first, and how many lines were of kinds that were forgotten. */
    list: (): { patterns: PatternCount[]; others: number } => {
      const list = patterns
        .entries()
        .map(([, pattern]) => ({ ...pattern }))
        .sort((a, b) => b.count - a.count);
      return { patterns: list, others: total - list.reduce((sum, { count }) => sum + count, 0) };
    },
  };
}
