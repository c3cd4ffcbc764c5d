import { findFacility, severities } from '../../../src-shared/model/syslog/syslogLine.ts';
import { parseSyslogLine } from '../../../src-shared/model/syslog/syslogParse.ts';
import { decodeLogBytes } from '../../../src-shared/model/syslog/logBytes.ts';
import { dayMs } from '../../../src-shared/base/time.ts';
import { readPlanes, writePlanes, type PlaneHeader } from './planes.ts';

/** Marks of a line. `continuation`: the rest of a line that is too long. `noTime`: the time is its arrival. */
export const lineFlags = { notAscii: 1, continuation: 2, noTime: 4 } as const;
/** The severity of a line without one. */
export const noSeverity = severities.length;
export const noPid = -1;

/**
 * How the lines from `line` on came: needed to read a line again as it was read first. `skewMs`: how far the appliance's
 * clock is ahead of the console's; `skewErrorMs`: how far that may be off, null if it is not known.
 */
export type Arrival = {
  line: number;
  receivedAt: number;
  zoneOffsetMinutes: number;
  skewMs: number;
  skewErrorMs: number | null;
};

/**
 * What is known of the lines of a block beside their text. `program`, `host` and `facility` are numbers of names, from 1;
 * 0 means no value. `time` is the line's time by the console's clock, or its arrival.
 */
export type Columns = {
  count: number;
  flags: Uint8Array;
  severity: Uint8Array;
  facility: Uint16Array;
  program: Uint16Array;
  host: Uint16Array;
  pid: Float64Array;
  time: Float64Array;
  programs: string[];
  hosts: string[];
  facilities: string[];
  arrivals: Arrival[];
  /** Ends of lines that are no newline. */
  breaks: number[];
  /** The sort time before the first line; null before the first line of a source. */
  sortBefore: number | null;
};

/** Line counts and numbers of names have 16 bits. */
export const maxBlockLines = 65_534;

function createNumbers(names: string[]): (name: string | null) => number {
  const known = new Map(names.map((name, at) => [name, at + 1]));
  return (name) => {
    if (name === null) return 0;
    const found = known.get(name);
    if (found !== undefined) return found;
    known.set(name, names.push(name));
    return names.length;
  };
}

export function emptyColumns(count: number, sortBefore: number | null): Columns {
  return {
    count,
    flags: new Uint8Array(count),
    severity: new Uint8Array(count),
    facility: new Uint16Array(count),
    program: new Uint16Array(count),
    host: new Uint16Array(count),
    pid: new Float64Array(count),
    time: new Float64Array(count),
    programs: [],
    hosts: [],
    facilities: [],
    arrivals: [],
    breaks: [],
    sortBefore,
  };
}

const isAscii = (text: Buffer, from: number, to: number) => {
  for (let at = from; at < to; at += 1) if ((text[at] ?? 0) > 0x7f) return false;
  return true;
};

/** Reads the lines of a text that arrived together. `continues`: the first line continues the line before it. */
export function readColumns(read: {
  text: Buffer;
  /** Ends of the lines, as `cutLines` returns them. */
  ends: readonly number[];
  arrival: Omit<Arrival, 'line'>;
  continues: boolean;
  sortBefore: number | null;
}): Columns {
  const { text, ends, arrival } = read;
  const columns = emptyColumns(ends.length, read.sortBefore);
  const program = createNumbers(columns.programs);
  const host = createNumbers(columns.hosts);
  const facility = createNumbers(columns.facilities);
  columns.arrivals.push({ line: 0, ...arrival });
  let from = 0;
  let continues = read.continues;
  for (const [line, end] of ends.entries()) {
    const ascii = isAscii(text, from, end);
    const hasNewline = text[end - 1] === 0x0a;
    const to = hasNewline ? end - 1 : end;
    const content = ascii ? text.toString('latin1', from, to) : decodeLogBytes(text.subarray(from, to));
    const parsed = parseSyslogLine(content, arrival);
    columns.flags[line] =
      (ascii ? 0 : lineFlags.notAscii) |
      (continues ? lineFlags.continuation : 0) |
      (parsed.time === null ? lineFlags.noTime : 0);
    columns.severity[line] = parsed.severity === null ? noSeverity : severities.indexOf(parsed.severity);
    columns.facility[line] = facility(findFacility(parsed)?.short ?? null);
    columns.program[line] = program(parsed.program);
    columns.host[line] = host(parsed.host);
    columns.pid[line] = parsed.pid ?? noPid;
    columns.time[line] = parsed.time === null ? arrival.receivedAt : Date.parse(parsed.time) - arrival.skewMs;
    if (!hasNewline) columns.breaks.push(end);
    continues = !hasNewline;
    from = end;
  }
  return columns;
}

/** Joins the columns of texts that follow each other. */
export function joinColumns(parts: readonly { columns: Columns; bytes: number }[]): Columns {
  const [first] = parts;
  const count = parts.reduce((sum, { columns }) => sum + columns.count, 0);
  const joined = emptyColumns(count, first?.columns.sortBefore ?? null);
  const numbers = {
    program: createNumbers(joined.programs),
    host: createNumbers(joined.hosts),
    facility: createNumbers(joined.facilities),
  };
  let line = 0;
  let offset = 0;
  for (const { columns, bytes } of parts) {
    for (const key of ['flags', 'severity', 'pid', 'time'] as const) joined[key].set(columns[key], line);
    for (const [key, names] of [
      ['program', columns.programs],
      ['host', columns.hosts],
      ['facility', columns.facilities],
    ] as const) {
      const renumbered = [0, ...names.map((name) => numbers[key](name))];
      for (let at = 0; at < columns.count; at += 1)
        joined[key][line + at] = renumbered[columns[key][at] ?? 0] ?? 0;
    }
    for (const cut of columns.breaks) joined.breaks.push(cut + offset);
    for (const arrival of columns.arrivals) {
      const last = joined.arrivals.at(-1);
      const isSame =
        last?.receivedAt === arrival.receivedAt &&
        last.zoneOffsetMinutes === arrival.zoneOffsetMinutes &&
        last.skewMs === arrival.skewMs &&
        last.skewErrorMs === arrival.skewErrorMs;
      if (!isSame) joined.arrivals.push({ ...arrival, line: arrival.line + line });
    }
    line += columns.count;
    offset += bytes;
  }
  return joined;
}

/** A line that claims to be from the future by more than this is sorted by the lines before it. */
const maxAheadMs = dayMs;
/** A line that says it is older was written while the appliance’s clock was not set **[ours]**. */
const minTrustedTime = Date.UTC(2000, 0, 1);

/**
 * The times by which lines of several sources are merged. They never fall inside a source, so that its order is kept; a
 * line from the future, of an unset clock or without a time has the time of the line before it.
 */
export function sortTimes({ count, flags, time, arrivals, sortBefore }: Columns): Float64Array {
  const times = new Float64Array(count);
  let next = 0;
  let arrival = arrivals[0];
  let last = sortBefore;
  for (let line = 0; line < count; line += 1) {
    while (arrivals[next]?.line === line) {
      arrival = arrivals[next];
      next += 1;
    }
    const receivedAt = arrival?.receivedAt ?? 0;
    const own = time[line] ?? 0;
    const hasTime = ((flags[line] ?? 0) & lineFlags.noTime) === 0;
    const isTrusted = hasTime && own >= minTrustedTime && own <= receivedAt + maxAheadMs;
    if (isTrusted) last = last === null ? own : Math.max(last, own);
    else last ??= receivedAt;
    times[line] = last;
  }
  return times;
}

const planeKeys = ['flags', 'severity', 'facility', 'program', 'host', 'pid', 'time'] as const;

type Header = Pick<Columns, 'count' | 'programs' | 'hosts' | 'facilities' | 'breaks' | 'sortBefore'> & {
  planes: PlaneHeader[];
  /** The error of the skew is missing in blocks of earlier versions. */
  arrivals: (readonly [number, number, number, number, (number | null)?])[];
};

/** The length of the header, the header as JSON, and the planes. */
export function encodeColumns(columns: Columns): Buffer {
  const { count, programs, hosts, facilities, breaks, sortBefore } = columns;
  const planes = planeKeys.map((key) => writePlanes(columns[key], count));
  const header: Header = {
    count,
    programs,
    hosts,
    facilities,
    breaks,
    sortBefore,
    planes: planes.map((plane) => plane.header),
    arrivals: columns.arrivals.map(({ line, receivedAt, zoneOffsetMinutes, skewMs, skewErrorMs }) => [
      line,
      receivedAt,
      zoneOffsetMinutes,
      skewMs,
      skewErrorMs,
    ]),
  };
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  return Buffer.concat([length, text, ...planes.map((plane) => plane.bytes)]);
}

export function decodeColumns(bytes: Buffer): Columns {
  const headerEnd = 4 + bytes.readUInt32LE(0);
  const header: Header = JSON.parse(bytes.toString('utf8', 4, headerEnd));
  const columns: Columns = {
    ...emptyColumns(header.count, header.sortBefore),
    programs: header.programs,
    hosts: header.hosts,
    facilities: header.facilities,
    breaks: header.breaks,
    arrivals: header.arrivals.map(([line, receivedAt, zoneOffsetMinutes, skewMs, skewErrorMs = null]) => ({
      line,
      receivedAt,
      zoneOffsetMinutes,
      skewMs,
      skewErrorMs,
    })),
  };
  let at = headerEnd;
  for (const [index, key] of planeKeys.entries())
    at = readPlanes({ bytes, at, header: header.planes[index] ?? [0, 0] }, columns[key], header.count);
  return columns;
}
