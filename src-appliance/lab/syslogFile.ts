import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';
import { severities, type Severity } from '../../src-shared/model/syslog/syslogLine.ts';

export type SyslogEntry = {
  program: string;
  pid?: number;
  severity?: Severity;
  message: string;
  /** Epoch milliseconds. By default the present time. */
  at?: number;
  /** Writes RFC 5424 with a priority, like some programs do. */
  structured?: boolean;
};
export type SyslogFile = { write: (entry: SyslogEntry) => void; close: () => void };

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;
/** The facility `local0` has the number 16 (RFC 5424, 6.2.1). */
const localFacility = 16;

const twoDigits = (value: number): string => `${value}`.padStart(2, '0');

function traditionalTime(at: Date): string {
  const day = `${at.getDate()}`.padStart(2, ' ');
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map(twoDigits).join(':');
  return `${months[at.getMonth()] ?? ''} ${day} ${time}`;
}

function isoTime(at: Date): string {
  return at.toISOString().replace('Z', '000+00:00');
}

/**
 * Replaces control characters by `#` and three octal digits, like rsyslog, so that each event is one line.
 */
function escapeControls(text: string): string {
  return text.replaceAll(
    /[\u0000-\u001f\u007f]/gu,
    (character) => `#${(character.codePointAt(0) ?? 0).toString(8).padStart(3, '0')}`,
  );
}

/**
 * Formats a line in one of rsyslog's file formats: the traditional format (local time, no year) or ISO time.
 */
export function formatSyslogLine(entry: {
  entry: SyslogEntry;
  host: string;
  format: 'traditional' | 'iso';
  at: number;
}): string {
  const { program, pid, severity, message, structured } = entry.entry;
  const at = new Date(entry.at);
  const text = escapeControls(message);
  if (structured === true) {
    const priority = localFacility * 8 + severities.indexOf(severity ?? 'info');
    return `<${priority}>1 ${at.toISOString()} ${entry.host} ${program} ${pid ?? '-'} - - ${text}\n`;
  }
  const time = entry.format === 'iso' ? isoTime(at) : traditionalTime(at);
  return `${time} ${entry.host} ${program}${pid === undefined ? '' : `[${pid}]`}: ${text}\n`;
}

/**
 * Appends to a log file. At `rotateBytes`, renames it to `.1` once and starts a new file, like logrotate with
 * `create`.
 */
export function openSyslogFile(options: {
  path: string;
  host: string;
  format: 'traditional' | 'iso';
  rotateBytes?: number;
}): SyslogFile {
  const { path, host, format, rotateBytes = 8 * 1024 * 1024 } = options;
  let descriptor: number | null = openSync(path, 'a', 0o640);
  let size = fstatSync(descriptor).size;
  return {
    write: (entry) => {
      if (descriptor === null) return;
      if (size > rotateBytes) {
        closeSync(descriptor);
        renameSync(path, `${path}.1`);
        descriptor = openSync(path, 'a', 0o640);
        size = 0;
      }
      size += writeSync(descriptor, formatSyslogLine({ entry, host, format, at: entry.at ?? Date.now() }));
    },
    close: () => {
      if (descriptor !== null) closeSync(descriptor);
      descriptor = null;
    },
  };
}
