import { findFacility } from '../syslogLine.ts';
import { parseSyslogLine, type ParsedLine } from '../syslogParse.ts';

/** The file on the appliance that had a line. `id` and the offset of a line name it for ever, also after rotations. */
export type LineFile = { id: string; device: string; inode: string };

/** A kept line as it leaves the console. `receivedAt` and `skewMs` tell how its time was read. */
export type ExportedLine = Pick<
  ParsedLine,
  'time' | 'host' | 'program' | 'pid' | 'severity' | 'severityFrom' | 'message'
> & {
  appliance: string;
  /** As the line's `<PRI>` names it. */
  facility: string | null;
  file: LineFile;
  /** Where the line starts in the uncompressed file, in bytes, and its number among the kept lines of the file. */
  offset: number;
  line: number;
  receivedAt: string;
  /** How far the appliance's clock was ahead of this computer's. */
  skewMs: number;
  /** The whole line as the appliance wrote it, or as redaction left it. */
  raw: string;
};

/** Reads the fields of a line from `raw`, so that a redacted text has no field that was not redacted. */
export function readExportedLine(line: {
  raw: string;
  appliance: string;
  file: LineFile;
  offset: number;
  line: number;
  arrival: { receivedAt: number; zoneOffsetMinutes: number; skewMs: number };
}): ExportedLine {
  const { arrival, raw } = line;
  const { head, time, host, program, pid, severity, severityFrom, message } = parseSyslogLine(raw, arrival);
  return {
    appliance: line.appliance,
    time,
    host,
    program,
    pid,
    severity,
    severityFrom,
    facility: findFacility({ head })?.short ?? null,
    message,
    file: line.file,
    offset: line.offset,
    line: line.line,
    receivedAt: new Date(arrival.receivedAt).toISOString(),
    skewMs: arrival.skewMs,
    raw,
  };
}
