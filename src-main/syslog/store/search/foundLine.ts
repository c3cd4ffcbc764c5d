import { lineFlags, sortTimes, type Arrival, type Columns } from '../columns.ts';
import type { BlockView } from '../query/blockView.ts';
import type { LineKey } from '../../../../src-shared/model/syslog/keptLine.ts';

/** A found line. `text` is without its line end; `parseSyslogLine` reads it with `arrival`. */
export type FoundLine = {
  key: LineKey;
  /** Where it starts in its file, in bytes of the uncompressed file. */
  offset: number;
  applianceId: string;
  text: string;
  /** Its time by the console's clock, or its arrival, epoch milliseconds. */
  time: number;
  arrival: Omit<Arrival, 'line'>;
  /** Whether it is the rest of a line that is too long. */
  isContinuation: boolean;
};

/** The lines of a unit that follow each other, and their sort times. */
export type LineRun = {
  source: number;
  rank: number;
  line0: number;
  off0: number;
  view: BlockView;
  /** Sort times, computed when they are needed. */
  sort: () => Float64Array;
  /** Whether all lines are known to be in the time range of the search. */
  isInRange: boolean;
  endLine: number;
};

const unknownArrival: Arrival = {
  line: 0,
  receivedAt: 0,
  zoneOffsetMinutes: 0,
  skewMs: 0,
  skewErrorMs: null,
};

function arrivalOf({ arrivals }: Columns, line: number): Omit<Arrival, 'line'> {
  const { line: _, ...arrival } = arrivals.findLast((one) => one.line <= line) ?? unknownArrival;
  return arrival;
}

/** Computes the sort times of lines when they are needed. */
export function createSortTimes(columns: Columns): () => Float64Array {
  let times: Float64Array | null = null;
  return () => (times ??= sortTimes(columns));
}

export function lineOf({ source, rank, line0, off0, view, sort }: LineRun, line: number): FoundLine {
  const { columns } = view;
  return {
    key: { sort: sort()[line] ?? 0, rank, source, line: line0 + line },
    offset: off0 + view.start(line),
    applianceId: view.appliance,
    text: view.content(line),
    time: columns.time[line] ?? 0,
    arrival: arrivalOf(columns, line),
    isContinuation: ((columns.flags[line] ?? 0) & lineFlags.continuation) !== 0,
  };
}
