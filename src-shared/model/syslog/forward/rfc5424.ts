import type { ExportedLine } from '../export/exportedLine.ts';
import { encodeLogText, showDamagedBytes } from '../logBytes.ts';
import { facilities, severities } from '../syslogLine.ts';

/** The facility and severity of lines that name none: user, notice (RFC 3164, 4.3.3). */
const defaultFacility = 1;
const defaultSeverity = 5;
/**
 * The name of our structured data. 32473 is the number that RFC 5612 reserves for examples, as this project has none of its
 * own.
 */
const elementId = 'sallyport@32473';

/** A header field: printable ASCII without spaces, at most `length` characters; `-` if there is nothing. */
function headerField(value: string | null, length: number): string {
  const text = showDamagedBytes(value ?? '')
    .replaceAll(/[^\u0021-\u007e]/gu, '_')
    .slice(0, length);
  return text === '' ? '-' : text;
}

/** A value of structured data: `"`, `\` and `]` are escaped (RFC 5424, 6.3.3). */
function param(name: string, value: string): string {
  return `${name}="${showDamagedBytes(value).replaceAll(/["\\\]]/gu, String.raw`\$&`)}"`;
}

/** A message of RFC 5424. `data` are the values of its structured data, by name. */
export function buildRfc5424(message: {
  facility: number;
  severity: number;
  time: string | null;
  host: string | null;
  program: string | null;
  pid: string | null;
  messageId: string | null;
  data: readonly (readonly [name: string, value: string])[];
  text: string;
}): Uint8Array<ArrayBuffer> {
  const header = [
    `<${message.facility * 8 + message.severity}>1`,
    message.time ?? '-',
    headerField(message.host, 255),
    headerField(message.program, 48),
    headerField(message.pid, 128),
    headerField(message.messageId, 32),
  ];
  const data = [elementId, ...message.data.map(([name, value]) => param(name, value))];
  return encodeLogText(`${header.join(' ')} [${data.join(' ')}] ${message.text}`);
}

/**
 * A line as a message of RFC 5424. Its structured data has the file, and the offset there, so that a receiver can remove
 * lines that arrive twice.
 */
export function formatRfc5424(line: ExportedLine): Uint8Array<ArrayBuffer> {
  const facility = facilities.findIndex(({ short }) => short === line.facility);
  return buildRfc5424({
    facility: facility === -1 ? defaultFacility : facility,
    severity: line.severity === null ? defaultSeverity : severities.indexOf(line.severity),
    time: line.time,
    host: line.host ?? line.appliance,
    program: line.program,
    pid: line.pid === null ? null : `${line.pid}`,
    messageId: null,
    data: [
      ['appliance', line.appliance],
      ['file', line.file.id],
      ['device', line.file.device],
      ['inode', line.file.inode],
      ['offset', `${line.offset}`],
      ['line', `${line.line}`],
      ['receivedAt', line.receivedAt],
      ...(line.severityFrom === 'words' ? [['severityFrom', 'words'] as const] : []),
    ],
    text: line.message,
  });
}

/** A message with its length before it, so that it can contain anything (RFC 5425, 4.3). */
export function frameByLength(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const length = new TextEncoder().encode(`${message.length} `);
  const framed = new Uint8Array(length.length + message.length);
  framed.set(length);
  framed.set(message, length.length);
  return framed;
}
