import type { ParsedLine } from './syslogParse.ts';

/** Limits of one entry and of the writers that are remembered **[ours]**. */
export const maxEntryLines = 1000;
const maxWriters = 200;
/** Lines of one entry are written at once; a line that comes later is an entry of its own. */
const maxEntryMs = 2000;

type EntryLine = Pick<ParsedLine, 'time' | 'host' | 'program' | 'pid' | 'message'>;
/** `traceback`: whether the entry has a traceback of Python, whose last line is not indented. */
type Entry = { first: number; lines: number; at: number; traceback: 'none' | 'open' | 'ended' };

/** A tab or another control character at the start may be escaped by rsyslog. */
const indented = /^(?:[ \t]|#011)/u;
const continuing =
  /^(?:Caused by: |Suppressed: |\.\.\. \d{1,6} more$|at [\w$.<>]{1,200}\(|\^+$|--- End of |Stack trace:)/u;
const tracebackStart = /^Traceback \(most recent call last\):/u;
const tracebackEnd = /^[A-Za-z_][\w.]{0,200}(?:Error|Exception|Warning|Interrupt|Exit)(?:: |$)/u;
const chained =
  /^(?:During handling of the above exception|The above exception was the direct cause|Traceback \(most recent)/u;

const timeOf = ({ time }: EntryLine) => (time === null ? null : Date.parse(time));

function startOf(line: EntryLine, first: number): Entry {
  const traceback = tracebackStart.test(line.message) ? 'open' : 'none';
  return { first, lines: 1, at: timeOf(line) ?? 0, traceback };
}

function continuesEntry(line: EntryLine, { at, traceback }: Entry): boolean {
  const { message } = line;
  if (Math.abs((timeOf(line) ?? at) - at) > maxEntryMs) return false;
  if (indented.test(message) || continuing.test(message)) return true;
  if (traceback === 'open') return message === '' || tracebackEnd.test(message);
  return traceback === 'ended' && (message === '' || chained.test(message));
}

function addTo(entry: Entry, { message }: EntryLine): number {
  entry.lines += 1;
  if (tracebackStart.test(message)) entry.traceback = 'open';
  else if (entry.traceback === 'open' && tracebackEnd.test(message)) entry.traceback = 'ended';
  return entry.first;
}

/**
 * Groups the lines of one file into entries. `add` takes the lines in order and returns the number of the line (from 0) whose
 * entry this one continues; null if it begins an entry.
 *
 * A line without time and program continues the entry before it, because a program wrote a line feed into its message.
 * Indented lines, frames and causes of exceptions, and Python's tracebacks continue the entry of the same process, even
 * if others wrote in between.
 */
export function createEntryGrouper(): { add: (line: EntryLine) => number | null } {
  const entries = new Map<string, Entry>();
  let last: Entry | null = null;
  let number = -1;

  function remember(writer: string, entry: Entry): void {
    entries.delete(writer);
    entries.set(writer, entry);
    const [oldest] = entries.keys();
    if (entries.size > maxWriters && oldest !== undefined) entries.delete(oldest);
  }

  return {
    add: (line) => {
      number += 1;
      if (line.time === null && line.program === null)
        return last === null || last.lines >= maxEntryLines ? null : addTo(last, line);
      const writer = `${line.host ?? ''} ${line.program ?? ''} ${line.pid ?? ''}`;
      const entry = entries.get(writer);
      if (entry !== undefined && entry.lines < maxEntryLines && continuesEntry(line, entry)) {
        last = entry;
        return addTo(entry, line);
      }
      last = startOf(line, number);
      remember(writer, last);
      return null;
    },
  };
}

/** The same for a list of lines. */
export function groupEntries(lines: readonly EntryLine[]): (number | null)[] {
  const grouper = createEntryGrouper();
  return lines.map((line) => grouper.add(line));
}
