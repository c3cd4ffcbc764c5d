import type { ExportedLine } from '../export/exportedLine.ts';
import { showDamagedBytes } from '../logBytes.ts';
import type { Severity } from '../syslogLine.ts';

/** The numbers that OpenTelemetry's log data model gives to the severities of syslog. */
const severityNumbers: Record<Severity, number> = {
  emerg: 21,
  alert: 19,
  crit: 18,
  err: 17,
  warning: 13,
  notice: 10,
  info: 9,
  debug: 5,
};

/** JSON in UTF-8 has no lone surrogates. */
const plain = (text: string) => showDamagedBytes(text).toWellFormed();
const text = (key: string, value: string | null) =>
  value === null ? [] : [{ key, value: { stringValue: plain(value) } }];
/** In JSON, 64-bit numbers are decimal text. */
const number = (key: string, value: number | null) =>
  value === null ? [] : [{ key, value: { intValue: `${value}` } }];

/** An instant in nanoseconds since 1970, as decimal text. */
export const nanoseconds = (instant: string) => `${BigInt(Date.parse(instant)) * 1_000_000n}`;

function logRecord(line: ExportedLine) {
  return {
    ...(line.time === null ? {} : { timeUnixNano: nanoseconds(line.time) }),
    observedTimeUnixNano: nanoseconds(line.receivedAt),
    ...(line.severity === null
      ? {}
      : { severityNumber: severityNumbers[line.severity], severityText: line.severity }),
    body: { stringValue: plain(line.message) },
    attributes: [
      // Records with the same uid are duplicates of each other.
      ...text('log.record.uid', `${line.file.id}:${line.offset}`),
      ...text('log.record.original', line.raw),
      ...text('host.name', line.host),
      ...text('syslog.facility.name', line.facility),
      ...text('syslog.app_name', line.program),
      ...number('process.pid', line.pid),
      ...text('sallyport.file.id', line.file.id),
      ...text('sallyport.file.device', line.file.device),
      ...text('sallyport.file.inode', line.file.inode),
      ...number('sallyport.file.offset', line.offset),
      ...number('sallyport.file.line', line.line),
      ...text('sallyport.severity.from', line.severityFrom),
    ],
  };
}

/** The body of a request to an OTLP/HTTP logs endpoint (ExportLogsServiceRequest). */
export function buildOtlpLogs(lines: readonly ExportedLine[], version: string) {
  const appliances = Map.groupBy(lines, ({ appliance }) => appliance);
  return {
    resourceLogs: Array.from(appliances, ([appliance, own]) => ({
      resource: {
        attributes: [...text('service.name', 'syslog'), ...text('sallyport.appliance', appliance)],
      },
      scopeLogs: [{ scope: { name: 'sallyport', version }, logRecords: own.map(logRecord) }],
    })),
  };
}
